"""The command that prints the audit log."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphql_api.cli import main
from graphql_api.composition.audit_cli import Since
from graphql_api.composition.settings import Settings


@pytest.fixture(autouse=True)
def _on_mongodb(monkeypatch: pytest.MonkeyPatch, mongodb_uri: str, tmp_path: Path) -> None:
    """Name a MongoDB that answers, and a pepper."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MONGODB_DATABASE", f"audit-{tmp_path.name[:40]}")
    monkeypatch.setenv("KEY_PEPPER", "p" * 32)


def run(*arguments: str) -> Result:
    """Run ``graphql-api`` with these arguments."""
    return CliRunner().invoke(main, arguments)


def exported(*arguments: str) -> Iterator[dict[str, object]]:
    """Yield the printed entries."""
    printed = run("audit", "export", *arguments)
    assert printed.exit_code == 0
    for line in printed.stdout.splitlines():
        yield json.loads(line)


def test_every_line_is_an_entry_the_oldest_first() -> None:
    """Of the keys that the commands made and revoked; the secret is in none."""
    key = run("keys", "create", "--tenant", "acme", "--name", "ci", "--admin").stdout.strip()
    other = run("keys", "create", "--tenant", "other", "--name", "ci", "--admin").stdout.strip()
    assert run("keys", "revoke", key[4:28]).exit_code == 0
    lines = list(exported())
    told = [(line["tenant"], line["action"], line["targets"], line["outcome"]) for line in lines]
    target = [{"kind": "api_key", "id": key[4:28]}]
    assert told == [
        ("acme", "keys create", target, "allowed"),
        ("other", "keys create", [{"kind": "api_key", "id": other[4:28]}], "allowed"),
        ("acme", "keys revoke", target, "allowed"),
    ]
    assert all(line["subject"] and line["address"] and line["created_at"] for line in lines)
    assert key[29:] not in str(lines)
    assert [line["action"] for line in exported("--tenant", "acme")] == ["keys create", "keys revoke"]
    assert len(list(exported("--since", "1h"))) == 3
    assert list(exported("--since", "2999-01-01")) == []


def test_a_time_without_sense_is_refused() -> None:
    """The error shows what would do."""
    refused = run("audit", "export", "--since", "soon")
    assert refused.exit_code == 2
    assert "'soon' is no time such as 2026-01-31, 2026-01-31T12:00:00Z or 7d" in refused.stderr


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+01:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
    ],
)
def test_a_time_is_of_utc(given: str, moment: datetime) -> None:
    """Without an offset of its own."""
    assert Since().convert(given, None, None) == moment


def test_a_time_may_be_ago() -> None:
    """In minutes, hours or days."""
    before = datetime.now(UTC)
    moment = Since().convert("2h", None, None)
    assert before <= moment + timedelta(hours=2) <= datetime.now(UTC)


def test_without_days_the_commands_leave_no_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the server does."""
    monkeypatch.setenv("AUDIT_DAYS", "0")
    assert run("keys", "create", "--name", "ci", "--admin").exit_code == 0
    assert list(exported()) == []
