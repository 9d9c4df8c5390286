"""One connection for each database of a file."""

from typing import Any

import orjson

from graphql_api.catalogue.db_connections import NewDbConnection, create_db_connection
from graphql_api.documents import DbConnection
from tests.transfer.conftest import Shell
from tests.transfer.spider import SHOP, SHOP_TABLES, ZOO, ZOO_TABLES

# In turns, so that no database's records stand together.
LINES: list[dict[str, Any]] = [
    {"db_id": ("zoo", "shop", "bank")[n % 3], "question": f"Question {n}?", "query": f"SELECT {n}"}
    for n in range(9)
]
SPLIT = ("--split-by", "db_id")


async def connections() -> dict[str, DbConnection]:
    """Return the stored connections by their aliases."""
    return {one.alias: one async for one in DbConnection.find_all()}


async def created(shell: Shell, alias: str, dialect: str, *tables: str) -> DbConnection:
    """Return a new connection."""
    given = NewDbConnection(alias=alias, dialect=dialect, table_schemas=tables)
    return await create_db_connection(given, caller=shell.world.caller)


async def test_connections_are_made_or_used(shell: Shell) -> None:
    """With their tables; one that has tables keeps them, and a rehearsal changes nothing."""
    tables = shell.directory / "tables.json"
    tables.write_bytes(orjson.dumps([ZOO, SHOP]))
    mine = "CREATE TABLE mine (a int)"
    await created(shell, "zoo", "sqlite", mine)
    await created(shell, "shop", "SQLite 3")
    options = [shell.file(LINES), *SPLIT, "--dialect", "sqlite", "--schemas", str(tables)]
    told = [
        "zoo: 3 records, connection of sqlite, its tables stay",
        "shop: 3 records, connection of SQLite 3, with 1 table",
        "bank: 3 records, a new connection of sqlite",
        "warning: there are no tables for bank",
    ]
    rehearsed = await shell.run("import", *options, "--dry-run", to=None)
    assert (rehearsed.exit_code, rehearsed.stderr.splitlines()) == (0, told)
    assert rehearsed.stdout.splitlines()[2:] == [
        'line 1 to zoo: {"prompt_text":"Question 0?","sql":"SELECT 0","metadata":{"db_id":"zoo"}}',
        'line 2 to shop: {"prompt_text":"Question 1?","sql":"SELECT 1","metadata":{"db_id":"shop"}}',
        'line 3 to bank: {"prompt_text":"Question 2?","sql":"SELECT 2","metadata":{"db_id":"bank"}}',
        "9 golden records; nothing was stored",
    ]
    assert {alias: one.table_schemas for alias, one in (await connections()).items()} == {
        "zoo": [mine],
        "shop": [],
    }
    imported = await shell.run("import", *options, to=None)
    assert (imported.stdout, imported.stderr.splitlines()) == ("added 9, skipped 0 already there\n", told)
    found = await connections()
    assert {alias: one.table_schemas for alias, one in found.items()} == {
        "zoo": [mine],
        "shop": SHOP_TABLES,
        "bank": [],
    }
    assert [sql for _, sql, _ in await shell.stored(found["shop"])] == ["SELECT 1", "SELECT 4", "SELECT 7"]
    again = await shell.run("import", *options, to=None)
    assert again.stdout == "added 0, skipped 9 already there\n"
    assert len(await connections()) == 3
    rehearsed = await shell.run("import", *options, "--dry-run", to=None)
    assert (
        rehearsed.stdout.splitlines()[-1] == "9 golden records, 9 of them already there; nothing was stored"
    )


async def test_new_connections_bring_their_tables(shell: Shell) -> None:
    """From the file that describes them all."""
    tables = shell.directory / "tables.json"
    tables.write_bytes(orjson.dumps([ZOO]))
    await shell.run(
        "import", shell.file(LINES[:1]), *SPLIT, "--dialect", "sqlite", "--schemas", str(tables), to=None
    )
    assert (await connections())["zoo"].table_schemas == ZOO_TABLES


async def test_what_cannot_be_split_changes_nothing(shell: Shell) -> None:
    """No dialect, another dialect, a typo of one, two connections of the alias, tables that are none."""
    await created(shell, "zoo", "mysql")
    path = shell.file(LINES)
    for options, told in (
        ([], "there is no connection for 'shop', 'bank'; --dialect makes one for each"),
        (["--dialect", "sqlite"], "the connection 'zoo' is of mysql, not of sqlite"),
        (["--dialect", "sqlit"], "the dialect 'sqlit' is not known; did you mean 'sqlite'?"),
        (
            ["--schemas", path],
            f"{path}: record 1 (line 1): column_names_original is missing; nothing was stored",
        ),
    ):
        result = await shell.run("import", path, *SPLIT, *options, to=None)
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {told}\n")
    await created(shell, "zoo", "mysql")
    twice = await shell.run("import", path, *SPLIT, to=None)
    assert twice.stderr == "Error: there are 2 connections 'zoo'; rename all but one\n"
    assert list(await connections()) == ["zoo"]


async def test_a_field_of_too_many_values_is_no_database(shell: Shell) -> None:
    """A thousand connections would be made by mistake."""
    lines = [{"question": f"Q{n}", "query": "SELECT 1"} for n in range(1_001)]
    result = await shell.run("import", shell.file(lines), "--split-by", "question", to=None)
    assert "question has more than 1,000 values: too many databases; nothing was stored" in result.stderr


async def test_a_name_may_look_like_an_id(shell: Shell) -> None:
    """A connection whose id begins so is not meant."""
    other = await created(shell, "other", "sqlite")
    name = str(other.id)[:8]
    path = shell.file([{**LINES[0], "db_id": name}])
    result = await shell.run("import", path, *SPLIT, "--dialect", "sqlite", to=None)
    assert result.stdout == "added 1, skipped 0 already there\n"
    assert await shell.stored(other) == []
    assert list(await connections()) == ["other", name]


async def test_options_that_do_not_go_together_are_wrong_use(shell: Shell) -> None:
    """A connection or a field, and tables for new connections alone."""
    path = shell.file(LINES)
    for options in ([], [*SPLIT, "--db-connection", "a"], ["--db-connection", "a", "--dialect", "sqlite"]):
        assert (await shell.run("import", path, *options, to=None)).exit_code == 2
