"""The input of ``golden-records import``.

It comes from pipes, from changing files, or is unreadable.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import orjson
import pytest
from bson import ObjectId

from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT, numbered


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
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{told}\n", "")


@contextmanager
def server_that_changes(path: str) -> Iterator[str]:
    """Yield the address of a server that spoils the file as soon as it is asked something."""

    class Spoils(BaseHTTPRequestHandler):
        """Answers everything with a connection."""

        def do_POST(self) -> None:
            """Spoil it, then answer."""
            Path(path).write_bytes(b"1\n")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"data": {"dbConnection": {"id": "a", "alias": "a", "dialect": "postgres"}}}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Spoils) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/graphql"
        server.shutdown()
        thread.join()


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
    with server_that_changes(path) as url:
        result = await shell.run("import", path, *options, to="a", url=url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {told.format(path=path)}")


async def test_a_file_that_cannot_be_read_is_told(shell: Shell) -> None:
    """With the reason."""
    result = await shell.run("import", "/proc/self/mem", to=str(ObjectId()))
    told = "Error: cannot read /proc/self/mem: Input/output error\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)
