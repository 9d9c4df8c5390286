"""One import at a terminal, of files as people have them.

They come from pipes, change meanwhile, or are unreadable.
"""

import asyncio
import gzip
import os
import pty
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from bson import ObjectId

from processes.environment import environment
from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT, numbered
from tests.transfer.servers import CONNECTION, NO_RECORDS, WARNS, answering


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "added 3000, skipped 0 already there"),
        (["--dry-run"], "3000 golden records; nothing was stored"),
    ],
)
async def test_a_pipe_is_a_file_as_well(shell: Shell, options: list[str], told: str) -> None:
    """Although it can be read only once."""
    connection = await shell.world.connection(golden_records=0)
    pipe = shell.directory / "pipe"
    os.mkfifo(pipe)
    content = b"".join(orjson.dumps(line) + b"\n" for line in numbered(3_000))
    writing = asyncio.create_task(asyncio.to_thread(pipe.write_bytes, content))
    result = await shell.run("import", str(pipe), *options, to=connection)
    await writing
    assert (result.exit_code, result.stdout.splitlines()[-1], result.stderr) == (0, told, "")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "line 1: this is not a JSON object\nadded 0, skipped 0 already there before that;"),
        (["--dry-run"], "{path} was changed meanwhile: line 1: this is not a JSON object\n"),
    ],
)
async def test_a_file_that_changes_after_it_was_checked_is_told(
    shell: Shell, options: list[str], told: str
) -> None:
    """The line, and the number stored before it."""
    path = shell.file([RIGHT])

    def answer(query: str, _: object) -> Any:
        Path(path).write_bytes(b"1\n")
        if "sqlCheck" in query:
            return WARNS
        return NO_RECORDS if "goldenRecords(" in query else CONNECTION

    with answering(answer) as url:
        result = await shell.run("import", path, *options, to="a" * 24, url=url)
    assert result.exit_code == 1
    assert "stored" not in result.stdout
    assert result.stderr.startswith(f"Error: {told.format(path=path)}")


async def test_a_file_that_cannot_be_read_is_told(shell: Shell) -> None:
    """With the reason."""
    result = await shell.run("import", "/proc/self/mem", to=str(ObjectId()))
    told = "Error: cannot read /proc/self/mem: Input/output error\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)


SPIDER = [
    {"db_id": "zoo", "question": f"How many have {n} legs?", "query": f"SELECT {n}"} for n in range(700)
]
BIRD = {
    "question": "Who?",
    "SQL": "SELECT 1",
    "evidence": "who is a name",
    "difficulty": "easy",
    "question_id": 7,
}
CHAT = {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "SELECT 1"}]}
FILES: dict[str, tuple[bytes, tuple[str, str, object], str]] = {
    "train_spider.json": (
        orjson.dumps(SPIDER[:1]),
        ("How many have 0 legs?", "SELECT 0", {"db_id": "zoo"}),
        "",
    ),
    "bird.json": (
        orjson.dumps([BIRD], option=orjson.OPT_INDENT_2),
        ("Who?\n\nwho is a name", "SELECT 1", None),
        "left out: difficulty of 1 record\nleft out: question_id of 1 record\n",
    ),
    "context.json": (
        b'[{"question": "Who?", "context": "CREATE TABLE a (b INT)", "answer": "SELECT 1"}]',
        ("Who?\n\nCREATE TABLE a (b INT)", "SELECT 1", None),
        "",
    ),
    "chat.jsonl.gz": (gzip.compress(orjson.dumps(CHAT)), ("Who?", "SELECT 1", None), ""),
    "alpaca.json": (
        b'[{"instruction": "Translate.", "input": "Who?", "output": "SELECT 1"}]',
        ("Translate.\n\nWho?", "SELECT 1", None),
        "",
    ),
    "utf16.csv": ("question,sql\r\nWer?,SELECT 1\r\n".encode("utf-16"), ("Wer?", "SELECT 1", None), ""),
    "table.tsv.gz": (gzip.compress(b"question\tquery\nWho?\tSELECT 1\n"), ("Who?", "SELECT 1", None), ""),
}


@pytest.mark.parametrize("name", FILES)
async def test_files_go_in_as_people_have_them(shell: Shell, name: str) -> None:
    """From a file of any name, or stdin; what is left out is named."""
    content, stored, told = FILES[name]
    connection = await shell.world.connection(golden_records=0)
    path = shell.directory / "data"
    path.write_bytes(content)
    result = await shell.run("import", str(path), to=connection)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "added 1, skipped 0 already there\n", told)
    assert await shell.stored(connection) == [stored]
    again = await shell.run("import", "-", to=connection, stdin=content)
    assert again.stdout == "added 0, skipped 1 already there\n"


async def test_a_late_refusal_stores_nothing(shell: Shell) -> None:
    """Also in an array, after more records than are sent at once."""
    connection = await shell.world.connection(golden_records=0)
    path = shell.directory / "data"
    path.write_bytes(orjson.dumps([*SPIDER[:650], {**SPIDER[650], "query": 1}, *SPIDER[651:]]))
    result = await shell.run("import", str(path), to=connection)
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr
        == "Error: 1 wrong record, and nothing was stored\nrecord 651 (line 1): sql must be a string.\n"
    )
    assert await shell.stored(connection) == []


async def test_fields_are_named_and_the_rest_is_kept_on_request(shell: Shell) -> None:
    """A rehearsal shows the same records as the import stores."""
    connection = await shell.world.connection(golden_records=0)
    path = shell.file([{"utterance": "Who?", "gold": "SELECT 1", "level": 3, "toks": []}])
    unknown = await shell.run("import", path, to=connection)
    told = (
        f"Error: {path}: the fields 'utterance', 'gold', 'level', 'toks' are of no known shape; "
        "name the question's and the SQL's with --map FIELD=prompt_text --map FIELD=sql; "
        "nothing was stored\n"
    )
    assert (unknown.exit_code, unknown.stderr) == (1, told)
    options = ["--map", "utterance=prompt_text", "--map", "gold=sql", "--keep-rest"]
    rehearsed = await shell.run("import", path, *options, "--dry-run", to=connection)
    assert rehearsed.stdout.splitlines()[1:] == [
        "--map: utterance -> prompt_text, gold -> sql, metadata -> metadata",
        'line 1: {"prompt_text":"Who?","sql":"SELECT 1","metadata":{"level":"3"}}',
        "1 golden record; nothing was stored",
    ]
    imported = await shell.run("import", path, *options, to=connection)
    assert rehearsed.stderr == imported.stderr == "left out: toks of 1 record\n"
    assert await shell.stored(connection) == [("Who?", "SELECT 1", {"level": "3"})]


@pytest.mark.parametrize("given", ["a", "=sql", "a=title"])
async def test_a_map_that_is_none_is_wrong_use(shell: Shell, given: str) -> None:
    """So is SQL of two fields."""
    path = shell.file([RIGHT])
    wrong = await shell.run("import", path, "--map", given, to=str(ObjectId()))
    assert wrong.exit_code == 2
    assert "it is FIELD=TARGET, and a target is one of prompt_text, sql, metadata" in wrong.stderr
    twice = await shell.run("import", path, "--map", "a=sql", "--map", "b=sql", to=str(ObjectId()))
    assert (twice.exit_code, "only one field can be sql" in twice.stderr) == (2, True)


def _printed(terminal: int) -> str:
    """Read what a terminal shows up to its end, which Linux reports as an error."""
    read = b""
    with suppress(OSError):
        while part := os.read(terminal, 4096):
            read += part
    return read.decode()


@pytest.mark.parametrize(
    ("options", "bars", "told"),
    [
        ([], ["checking", "importing"], "added 2100, skipped 0 already there"),
        (["--dry-run"], ["checking", "checking SQL"], "2100 golden records; nothing was stored"),
    ],
    ids=["import", "dry-run"],
)
async def test_a_terminal_sees_the_progress(
    shell: Shell, options: list[str], bars: list[str], told: str
) -> None:
    """Each bar goes from nothing through a middle to all; stdout has the result alone."""
    connection = await shell.world.connection(golden_records=0)
    path = shell.file(numbered(2_100))
    arguments = ["golden-records", "import", path, "--db-connection", str(connection.id), "--url", shell.url]
    terminal, end = pty.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "graphql_api", *arguments, *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=end,
            env=environment({}) | {"COLUMNS": "80"},
        )
        os.close(end)
        reading = asyncio.create_task(asyncio.to_thread(_printed, terminal))
        stdout, _ = await process.communicate()
        seen = await reading
    finally:
        os.close(terminal)
    assert (process.returncode, stdout.decode().splitlines()[-1]) == (0, told)
    for label in bars:
        percents = [int(one) for one in re.findall(rf"\r\S*{label}  \[[#-]+\] +(\d+)%", seen)]
        assert percents == sorted(percents)
        assert (percents[0], percents[-1]) == (0, 100)
        assert any(0 < one < 100 for one in percents)
