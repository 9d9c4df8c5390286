"""``db-connections``: its files, its output and its exit codes."""

from bson import ObjectId

from graphql_api.documents import DbConnection
from tests.client.conftest import Shell

SCHEMA = "SET x = 1;\nCREATE TABLE author (name text);\n-- and\nCREATE TABLE book (title text);\n"


async def test_a_created_connection_prints_its_id_alone(shell: Shell) -> None:
    """So a shell variable takes it; words go to stderr. Tables come from all files, in order."""
    first, second = shell.file("a.sql", SCHEMA), shell.file("b.sql", "create view v as select 1")
    options = ["--alias", "sales", "--dialect", "postgres", "--schemas", first, "--schemas", second]
    result = await shell.run("db-connections", "create", *options, "--metadata", "owner=ml=1")
    assert result.stderr == (
        f"warning: {first}: left out what defines no table: SET\ncreated database connection sales\n"
    )
    [stored] = await DbConnection.find_all().to_list()
    assert (result.exit_code, result.stdout) == (0, f"{stored.id}\n")
    assert stored.metadata == {"owner": "ml=1"}
    assert stored.table_schemas == [
        "CREATE TABLE author (name text)",
        "-- and\nCREATE TABLE book (title text)",
        "create view v as select 1",
    ]


async def test_connections_are_listed_newest_first(shell: Shell) -> None:
    """In a pipe with tabs and without a heading; as JSON with all fields, up to the limit."""
    old = await shell.json("db-connections", "create", "--alias", "old", "--dialect", "mysql")
    new = await shell.json("db-connections", "create", "--alias", "new\x1b[31m", "--dialect", "sqlite")
    lines = (await shell.stdout("db-connections", "list")).splitlines()
    made = f"{new['createdAt'][:10]} {new['createdAt'][11:16]} UTC"
    assert lines[0] == f"{new['id']}\tnew [31m\tsqlite\t0\t{made}"
    assert lines[1].startswith(f"{old['id']}\told\tmysql\t0\t")
    assert await shell.json("db-connections", "list") == [new, old]
    assert await shell.json("db-connections", "list", "--limit", "1") == [new]


async def test_one_is_shown_by_its_alias(shell: Shell) -> None:
    """Its tables come as SQL."""
    file = shell.file("a.sql", SCHEMA)
    made = await shell.json(
        "db-connections", "create", "--alias", "sales", "--dialect", "mysql", "--schemas", file
    )
    shown = await shell.stdout("db-connections", "show", "sales")
    assert shown.splitlines()[0].split() == ["id", made["id"]]
    assert shown.endswith("\n\n-- and\nCREATE TABLE book (title text);\n")
    assert await shell.json("db-connections", "show", made["id"]) == made


async def test_one_is_deleted(shell: Shell) -> None:
    """Without a question in a script; asking again gives the same answer."""
    connection = await shell.world.connection()
    gone = f"{connection.id} is deleted\n"
    assert await shell.stdout("db-connections", "delete", "library") == gone
    assert await shell.stdout("db-connections", "delete", str(connection.id)) == gone
    assert await shell.json("db-connections", "list") == []


async def test_what_is_not_there_is_exit_code_three(shell: Shell) -> None:
    """By id and by name, for reading and for deleting."""
    unknown = str(ObjectId())
    for arguments in (["show", unknown], ["show", "sales"], ["delete", unknown], ["delete", "sales"]):
        result = await shell.run("db-connections", *arguments)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.lower().startswith("error: there is no database connection ")
        assert len(result.stderr.splitlines()) == 1


async def test_a_file_without_tables_stores_nothing(shell: Shell) -> None:
    """Nor one in another encoding."""
    for content, why in ((b"SELECT 1", "defines no table"), ("CREATE".encode("utf-16"), "is not UTF-8")):
        file = shell.file("a.sql", content)
        result = await shell.run(
            "db-connections", "create", "--alias", "a", "--dialect", "mysql", "--schemas", file
        )
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {file} {why}\n")
    assert await DbConnection.find_all().to_list() == []
