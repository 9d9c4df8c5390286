"""docs/cli.md agrees with the commands."""

import re

import pytest

from graphql_api.client.exits import MEANINGS
from tests.cli_page import PAGE, with_commands


def test_the_page_has_every_command_with_its_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is now; ``make cli-page`` writes it anew."""
    monkeypatch.delenv("GRAPHQL_API_TOKEN", raising=False)
    assert PAGE.read_text() == with_commands(PAGE.read_text())


def test_the_page_has_every_exit_code() -> None:
    """With its meaning; 2 is click's own."""
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE.read_text(), flags=re.MULTILINE)
    meanings = {str(int(code)): meaning for code, meaning in MEANINGS.items()}
    assert dict(rows) == {**meanings, "2": "wrong use of the command"}
