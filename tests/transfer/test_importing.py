"""The import of a file: its checks, its batches, and the lines named by its warnings and errors."""

from typing import Any

import orjson
import pytest

from graphql_api.catalogue.db_connections import NewDbConnection, create_db_connection
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.composition.settings import Settings
from graphql_api.documents import FinetuningStatus, GoldenRecord
from tests.http.conftest import SETTINGS
from tests.transfer.conftest import DEFOG, Shell
from tests.transfer.lines import RIGHT, numbered
from tests.transfer.servers import CONNECTION, WARNS, answering, refusal


async def test_a_public_set_is_imported_and_trained_on(shell: Shell) -> None:
    """All 210 records, in the order of the file and without a warning, to a model that is ready."""
    world = shell.world
    connection = await world.connection(golden_records=0)
    imported = await shell.run("import", str(DEFOG), to=connection)
    assert (imported.exit_code, imported.stderr) == (0, "")
    assert imported.stdout == "added 210, skipped 0 already there\n"
    lines = [orjson.loads(line) for line in DEFOG.read_bytes().splitlines()]
    assert await shell.stored(connection) == [
        (one["prompt_text"], one["sql"], {"db_name": one["db_name"], "dialect": one["dialect"]})
        for one in lines
    ]
    training = await world.created_and_training(db_connection_id=str(connection.id))
    assert training.status is FinetuningStatus.RUNNING
    await world.drain(seconds=120)
    trained = await world.read(training)
    assert trained.status is FinetuningStatus.SUCCEEDED
    assert trained.dataset is not None
    assert trained.dataset.record_count == 210
    (file,) = world.files()
    examples = [orjson.loads(line)["messages"] for line in file.content.splitlines()]
    assert [one[1]["content"] for one in examples] == [one["prompt_text"] for one in lines]


async def test_importing_again_adds_nothing(shell: Shell) -> None:
    """A record there word for word is counted, not added, also if only a part of it was."""
    connection = await shell.world.connection(golden_records=0)
    some, all_ = shell.file(numbered(400), "some"), shell.file(numbered(1_100), "all")
    assert (await shell.run("import", some, to=connection)).stdout.startswith("added 400, skipped 0 ")
    assert (await shell.run("import", all_, to=connection)).stdout.startswith("added 700, skipped 400 ")
    again = await shell.run("import", all_, to=connection)
    assert (again.exit_code, again.stdout) == (0, "added 0, skipped 1100 already there\n")
    assert [one[1] for one in await shell.stored(connection)] == [one["sql"] for one in numbered(1_100)]


async def test_one_wrong_line_keeps_all_from_being_stored(shell: Shell) -> None:
    """All of them are named, up to twenty."""
    connection = await shell.world.connection(golden_records=0)
    lines: list[Any] = [RIGHT, b"{", {"sql": "a"}, *numbered(600), {**RIGHT, "sql": ""}]
    result = await shell.run("import", shell.file(lines), to=connection)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "Error: 3 wrong lines, and nothing was stored",
        "line 2: this is not JSON: expecting property name enclosed in double quotes (at the end)",
        "line 3: prompt_text is missing",
        "line 604: sql must not be empty.",
    ]
    one = await shell.run("import", shell.file([b"{"]), to=connection)
    assert one.stderr.splitlines()[0] == "Error: 1 wrong line, and nothing was stored"
    many = await shell.run("import", shell.file([b"{"] * 30), to=connection)
    assert many.stderr.splitlines()[-1] == "10 more"
    assert len(many.stderr.splitlines()) == 22
    assert await shell.stored(connection) == []


async def test_warnings_are_told_by_the_line(shell: Shell) -> None:
    """Of the added ones; twenty in full."""
    connection = await shell.world.connection(golden_records=0)
    wrong: list[Any] = [{"prompt_text": f"Q{n}", "sql": "DROP TABLE a"} for n in range(25)]
    await shell.run("import", shell.file([RIGHT, wrong[0]]), to=connection)
    result = await shell.run("import", shell.file([RIGHT, b"", *wrong]), to=connection)
    told = result.stderr.splitlines()
    assert told[0] == "warning: line 4: The SQL is not one query and nothing else."
    assert (len(told), told[-1]) == (21, "warning: 4 more")
    assert result.stdout == "added 24, skipped 2 already there, 24 warnings\n"


class TestStrict:
    """A server with a refusal of wrong SQL."""

    @pytest.fixture
    def sql_check(self, sql_check: SqlCheck) -> SqlCheck:
        """Yield its check."""
        sql_check.mode = "strict"
        return sql_check

    @pytest.mark.parametrize("options", [[], ["--dry-run"]])
    async def test_a_late_refusal_stores_nothing(self, shell: Shell, options: list[str]) -> None:
        """All refused records are named; once they are mended, the file goes in."""
        connection = await shell.world.connection(golden_records=0)
        lines: list[Any] = numbered(600)
        lines[517] = {"prompt_text": "Q", "sql": "SELECT 1\nFRM author x y"}
        lines[550] = {"prompt_text": "Q", "sql": "DROP TABLE a"}
        result = await shell.run("import", shell.file([b"", *lines]), *options, to=connection)
        assert result.exit_code == 1
        assert result.stderr.splitlines() == [
            "Error: the server would refuse 2 records, and nothing was stored",
            "line 519: The SQL cannot be parsed as postgres near 'author'. Line 2, column 5.",
            "line 552: The SQL is not one query and nothing else.",
        ]
        assert await shell.stored(connection) == []
        mended = await shell.run("import", shell.file(numbered(600)), to=connection)
        assert mended.stdout == "added 600, skipped 0 already there\n"

    async def test_a_record_that_is_there_is_refused_too(self, shell: Shell, sql_check: SqlCheck) -> None:
        """It was stored when the server was not strict; a rehearsal finds that it is not skipped."""
        connection = await shell.world.connection(golden_records=0)
        path = shell.file([{"prompt_text": "Q", "sql": "DROP TABLE a"}])
        sql_check.mode = "warn"
        await shell.run("import", path, to=connection)
        sql_check.mode = "strict"
        for options in ([], ["--dry-run"]):
            result = await shell.run("import", path, *options, to=connection)
            assert result.stderr.startswith("Error: the server would refuse 1 record, and nothing was stored")


class TestOff:
    """A server that does not check SQL."""

    @pytest.fixture
    def sql_check(self, sql_check: SqlCheck) -> SqlCheck:
        """Yield no check."""
        sql_check.mode = "off"
        return sql_check

    async def test_a_rehearsal_does_not_check_either(self, shell: Shell) -> None:
        """It says what the import will say."""
        connection = await shell.world.connection(golden_records=0)
        path = shell.file([{"prompt_text": "Q", "sql": "DROP TABLE a"}])
        for options in (["--dry-run"], []):
            result = await shell.run("import", path, *options, to=connection)
            assert (result.exit_code, result.stderr) == (0, "")


class TestSmall:
    """A server that takes small requests only."""

    @pytest.fixture
    def settings(self) -> Settings:
        """Yield its settings."""
        return SETTINGS.model_copy(update={"max_body_bytes": 2_000})

    async def test_a_batch_that_is_too_large_is_told(self, shell: Shell) -> None:
        """With the lines that were in it."""
        connection = await shell.world.connection(golden_records=0)
        result = await shell.run("import", shell.file(numbered(100)), to=connection)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: lines 1 to 100: ")
        assert await GoldenRecord.count() == 0


async def test_a_connection_of_an_unknown_dialect_takes_records_too(shell: Shell) -> None:
    """They are told not to be checked."""
    given = NewDbConnection(alias="old", dialect="db2")
    connection = await create_db_connection(given, caller=shell.world.caller)
    result = await shell.run("import", shell.file([RIGHT]), to=connection)
    assert result.stderr == "warning: line 1: The SQL was not checked: the dialect 'db2' is not known.\n"
    assert result.stdout == "added 1, skipped 0 already there, 1 warning\n"


async def test_a_refusal_by_the_server_names_the_line_and_tells_what_was_done(shell: Shell) -> None:
    """Batches before it are stored; once the line is mended the rest follows."""
    sent = list[Any]()

    def answer(query: str, variables: dict[str, Any]) -> Any:
        if "addGoldenRecords" not in query:
            return WARNS if "sqlCheck" in query else CONNECTION
        sent.append([{**one, "warnings": []} for one in variables["input"]["goldenRecords"]])
        if len(sent) > 1:
            where = "goldenRecords[17].sql"
            return refusal(f"{where}: it is bad.", code="BAD_USER_INPUT", argument=where)
        return {"data": {"addGoldenRecords": sent[0]}}

    with answering(answer) as url:
        result = await shell.run("import", shell.file([b"", *numbered(600)]), to="a" * 24, url=url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "Error: line 519: sql: it is bad.",
        (
            "added 500, skipped 0 already there before that; mend it and run this again: "
            "nothing is added twice"
        ),
    ]
