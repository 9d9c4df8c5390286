"""``finetunings export``: the bytes that were uploaded, whole or not at all."""

import asyncio
import hashlib
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from beanie import PydanticObjectId
from bson import ObjectId

from graphql_api.client.exits import SilentError
from graphql_api.client.export_command import download
from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.scopes import Scope
from graphql_api.store.training_data import Example, Sources
from graphql_api.transfer.client import Server
from tests.client.conftest import Shell
from tests.http.conftest import client_of
from tests.http.guarded import guarded_server
from tests.world import World


async def uploaded(world: World, *, golden_records: int = 10) -> bytes:
    """Create a finetuning called mine, and return its training file at the provider."""
    connection = await world.connection(golden_records=golden_records)
    await world.create(db_connection_id=str(connection.id), alias="mine")
    await world.work()
    [file] = world.files()
    return file.content


def found_in(directory: Path) -> dict[Path, str]:
    """Return the directory's files with their content."""
    return {one: one.read_text() for one in directory.iterdir()}


async def test_stdout_gets_the_uploaded_bytes_and_stderr_their_digest(shell: Shell) -> None:
    """By the alias, and to a file as well."""
    content = await uploaded(shell.world, golden_records=300)
    told = f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}\n"
    path = shell.directory / "mine.jsonl"
    for output in ([], ["--output", "-"], ["--output", str(path)]):
        result = await shell.run("finetunings", "export", "mine", *output)
        assert (result.exit_code, result.stderr) == (0, told)
        assert result.stdout_bytes == (b"" if path.exists() else content)
    assert path.read_bytes() == content


async def test_what_cannot_be_made_again_is_refused_in_the_servers_words(shell: Shell) -> None:
    """Nothing is written, and an old file stays."""
    await uploaded(shell.world)
    await GoldenRecord.find_one().update({"$set": {"sql": "SELECT 0"}})
    path = Path(shell.file("mine.jsonl", "before"))
    result = await shell.run("finetunings", "export", "mine", "--output", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be made again: since its upload, golden records" in result.stderr
    assert found_in(shell.directory) == {path: "before"}


async def test_without_a_file_or_a_finetuning_the_exit_code_says_which(shell: Shell) -> None:
    """Not yet is a refusal, and nothing of this name is not found."""
    await shell.world.create(alias="mine")
    early = await shell.run("finetunings", "export", "mine")
    assert (early.exit_code, early.stdout) == (1, "")
    assert "is queued and has no training file" in early.stderr
    for name in ("yours", str(ObjectId())):
        assert (await shell.run("finetunings", "export", name)).exit_code == 3


async def test_a_credential_that_lacks_a_scope_has_no_access(world: World, tmp_path: Path) -> None:
    """And one that is missing neither."""
    await uploaded(world)
    async with guarded_server(world) as server:
        shell = Shell(world=world, url=f"{server.http.base_url}/graphql", directory=tmp_path)
        key = await server.key(Scope.FINETUNINGS_READ)
        for token in (key.text, None):
            result = await shell.run("finetunings", "export", "mine", token=token)
            assert (result.exit_code, result.stdout) == (5, "")


async def test_a_file_that_cannot_be_written_is_told(shell: Shell) -> None:
    """In one line."""
    await uploaded(shell.world)
    path = shell.directory / "missing" / "mine.jsonl"
    result = await shell.run("finetunings", "export", "mine", "--output", str(path))
    assert result.exit_code == 1
    assert result.stderr == f"Error: cannot write {path}: No such file or directory\n"


@dataclass(frozen=True, kw_only=True)
class Lost(Sources):
    """A catalogue that loses its records behind the first look at all of them."""

    seen: list[int] = field(default_factory=list)

    async def examples(self, connection: DbConnection, ids: Collection[PydanticObjectId]) -> list[Example]:
        """Read, up to the last batch of the second look."""
        self.seen.append(len(ids))
        return await super().examples(connection, ids) if len(self.seen) < 6 else []


async def test_a_download_that_breaks_off_leaves_no_half_file(world: World, tmp_path: Path) -> None:
    """The exit code is that of a lost server."""
    await uploaded(world, golden_records=300)
    world.engine = replace(world.engine, sources=Lost())
    async with client_of(world) as http:
        shell = Shell(world=world, url=f"{http.base_url}/graphql", directory=tmp_path)
        path = Path(shell.file("mine.jsonl", "before"))
        result = await shell.run("finetunings", "export", "mine", "--output", str(path))
    assert (result.exit_code, result.stdout) == (4, "")
    assert found_in(tmp_path) == {path: "before"}


class Proxied(Server):
    """A server whose bytes something on the way has changed, or that is interrupted."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__("http://127.0.0.1:1/graphql")
        self.pieces = pieces

    @contextmanager
    def training_file(self, finetuning_id: str) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the digest of the right bytes."""
        yield hashlib.sha256(b"right").hexdigest(), iter(self.pieces)


def test_bytes_changed_on_their_way_are_refused() -> None:
    """Missing ones, too."""
    assert download(Proxied(b"ri", b"ght"), "1", into=BytesIO())[0] == 5
    for pieces in ((b"wrong",), (b"ri",), ()):
        with pytest.raises(SilentError, match="broke the file off, or it was changed on its way"):
            download(Proxied(*pieces), "1", into=BytesIO())


async def test_an_interrupt_leaves_no_half_file(tmp_path: Path) -> None:
    """And has its exit code."""
    asked = asyncio.Event()

    async def answer_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTraining-File-SHA256: 00\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.drain()
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer_half, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
    given = ["finetunings", "export", "0" * 24, "--url", url, "--output", str(tmp_path / "mine.jsonl")]
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "graphql_api", *given, stderr=asyncio.subprocess.PIPE, preexec_fn=heeding
    )
    await asked.wait()
    command.send_signal(signal.SIGINT)
    _, stderr = await command.communicate()
    server.close()
    assert (command.returncode, stderr) == (130, b"\ninterrupted\n")
    assert found_in(tmp_path) == {}
