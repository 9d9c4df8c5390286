"""``golden-records import`` and ``export``: their files, their output and their exit codes."""

from io import BytesIO
from typing import Any

import orjson
import pytest
from bson import ObjectId
from click.testing import CliRunner

from graphql_api.cli import main
from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT


async def test_an_import_reads_stdin(shell: Shell) -> None:
    """One server's export can be piped to another; it is read once, and checked first."""
    connection = await shell.world.connection(golden_records=0)
    wrong = await shell.run("import", "-", to=connection, stdin=orjson.dumps(RIGHT) + b"\n{")
    assert (wrong.exit_code, await shell.stored(connection)) == (1, [])
    rest = BytesIO(b"read by somebody else\n" + orjson.dumps(RIGHT))
    rest.readline()
    result = await shell.run("import", "-", to=connection, stdin=rest)
    assert (result.exit_code, result.stdout) == (0, "added 1, skipped 0 already there\n")


async def test_a_dry_run_checks_and_stores_nothing(shell: Shell) -> None:
    """Lines, SQL and repetitions; the server's warnings are told by their line."""
    connection = await shell.world.connection(golden_records=0)
    lines: list[Any] = [RIGHT, {**RIGHT, "sql": "SELECT 1\nFRM author x y"}, b"", RIGHT]
    result = await shell.run("import", shell.file(lines), "--dry-run", to=connection)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "JSON Lines in UTF-8",
        "golden records: prompt_text -> prompt_text, sql -> sql, db_name + dialect + metadata -> metadata",
        'line 1: {"prompt_text":"Who?","sql":"SELECT 1"}',
        'line 2: {"prompt_text":"Who?","sql":"SELECT 1\\nFRM author x y"}',
        'line 4: {"prompt_text":"Who?","sql":"SELECT 1"}',
        "3 golden records, 1 of them repeated, 1 warning; nothing was stored",
    ]
    assert result.stderr == (
        "warning: line 2: The SQL cannot be parsed as postgres near 'author'. Line 2, column 5.\n"
    )
    assert await shell.stored(connection) == []


async def test_a_file_that_cannot_be_written_is_told(shell: Shell) -> None:
    """With the reason."""
    connection = await shell.world.connection(golden_records=0)
    result = await shell.run("export", "/nowhere/records.jsonl", to=connection)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: cannot write /nowhere/records.jsonl: No such file or directory\n",
    )


async def test_a_wrong_use_of_the_command_is_exit_code_two(shell: Shell) -> None:
    """As with every command line: an absent file, a missing option."""
    missing = await shell.run("import", str(shell.directory / "nothing"), to=str(ObjectId()))
    assert missing.exit_code == 2
    assert CliRunner().invoke(main, ["golden-records", "export"]).exit_code == 2


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", "2", "http://127.0.0.1:2/graphql"),
        ("0.0.0.0", "1", "http://127.0.0.1:1/graphql"),  # noqa: S104  nobody listens
        ("::", "1", "http://[::1]:1/graphql"),
    ],
)
def test_without_an_address_it_is_this_machines_server(
    monkeypatch: pytest.MonkeyPatch, host: str, port: str, url: str
) -> None:
    """By the settings that the server was started with."""
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("PORT", port)
    result = CliRunner().invoke(main, ["golden-records", "export", "--db-connection", str(ObjectId())])
    assert f"no server answers at {url};" in result.stderr


def test_any_port_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own choice is not in its settings."""
    monkeypatch.setenv("PORT", "0")
    result = CliRunner().invoke(main, ["golden-records", "export", "--db-connection", "x"])
    assert result.stderr == "Error: PORT: 0 is any port; give the server's address with --url\n"
