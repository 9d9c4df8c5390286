"""The rehearsal of an import."""

from typing import Any

from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT, numbered


async def test_a_rehearsal_finds_what_the_import_will_do(shell: Shell) -> None:
    """Copies, records there, duplicates and SQL: the same warnings, and nothing is stored."""
    connection = await shell.world.connection(golden_records=0)
    await shell.run("import", shell.file([RIGHT, *numbered(120)], "there"), to=connection)
    before = await shell.stored(connection)
    lines: list[Any] = [
        RIGHT,
        {**RIGHT, "metadata": {"a": "b"}},
        {"prompt_text": "New?", "sql": "SELECT 1"},
        {"prompt_text": "NEW?", "sql": "SELECT  1;"},
        {"prompt_text": "New?", "sql": "SELECT 1"},
        {"prompt_text": "Bad?", "sql": "DROP TABLE a"},
    ]
    path = shell.file(lines)
    rehearsed = await shell.run("import", path, "--dry-run", to=connection)
    assert await shell.stored(connection) == before
    assert rehearsed.stdout.splitlines()[-1] == (
        "6 golden records, 1 of them repeated, 1 of them already there, 3 warnings; nothing was stored"
    )
    assert sorted(rehearsed.stderr.splitlines()) == [
        "warning: line 2: a golden record of this connection has the same question and SQL.",
        "warning: line 4: an earlier record of this file has the same question and SQL.",
        "warning: line 6: The SQL is not one query and nothing else.",
    ]
    imported = await shell.run("import", path, to=connection)
    assert imported.stdout == (
        "added 4, skipped 1 already there, left out 1 that came twice in this file, 3 warnings\n"
    )
    assert [line.split(":")[1] for line in sorted(imported.stderr.splitlines())] == [
        " line 2",
        " line 4",
        " line 6",
    ]


async def test_warnings_keep_their_records_among_several_parsers(shell: Shell) -> None:
    """Each statement's is named by its own line."""
    connection = await shell.world.connection(golden_records=0)
    lines = [
        {"prompt_text": f"Q{n}?", "sql": "DROP TABLE a" if n in {3, 10, 11} else f"SELECT {n}"}
        for n in range(12)
    ]
    result = await shell.run("import", shell.file(lines), "--dry-run", to=connection)
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == [" line 4", " line 11", " line 12"]
