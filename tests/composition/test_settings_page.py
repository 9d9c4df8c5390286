"""The page of settings agrees with its class."""

import re
from pathlib import Path

import pytest

from graphql_api.composition.settings import Settings
from graphql_api.composition.settings_page import settings_page

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/settings.md").read_text()
ROWS = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \| (.+) \| (.+) \|$", PAGE, flags=re.MULTILINE)


def test_the_page_in_the_documentation_is_up_to_date() -> None:
    """``make settings`` changes nothing."""
    assert settings_page() == PAGE


def test_the_page_lists_every_setting_with_its_default() -> None:
    """A hidden setting is no setting."""
    fields = Settings.model_fields.items()
    assert sorted((name, default, text) for name, default, _, text in ROWS) == sorted(
        (name.upper(), _shown(field.default), field.description or "") for name, field in fields
    )


@pytest.mark.parametrize(
    ("setting", "takes"),
    [
        ("LEASE_S", "seconds, above 0, at most 86400"),
        ("WORKER_SLOTS", "a whole number, at least 1, at most 64"),
        ("SWEEP", "`on` or `dry-run` or `off`"),
        ("OPENAI_BASE_URL", "`^https?://`"),
        ("OPENAI_API_KEY", "a secret"),
        ("ALLOWED_MODELS", "a list"),
        ("DATA_DIR", "a path"),
        ("HOST", "text"),
    ],
)
def test_the_page_says_what_a_setting_takes(setting: str, takes: str) -> None:
    """The bounds and choices are those of the class."""
    assert {name: shown for name, _, shown, _ in ROWS}[setting] == takes


def _shown(default: object) -> str:
    default = ",".join(default) if isinstance(default, tuple) else default
    return "—" if default in (None, "") else f"`{default}`"
