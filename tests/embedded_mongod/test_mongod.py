"""The embedded mongod, with real processes throughout.

The server relies on each of these facts.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from graphql_api.embedded_mongod.directory_lock import directory_lock
from graphql_api.embedded_mongod.errors import (
    DirectoryInUseError,
    EmbeddedMongodError,
    MongodNotFoundError,
    MongodStartError,
)
from graphql_api.embedded_mongod.mongod import EmbeddedMongod, stop
from tests.process_states import environment_of, is_running, until
from tests.store.test_suitability import mongod_started

_SERVER = """
import asyncio, sys
from pathlib import Path
from graphql_api.embedded_mongod.mongod import EmbeddedMongod

async def main():
    async with EmbeddedMongod(Path(sys.argv[1])) as mongod:
        print(mongod.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def _client(uri: str) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
    async with AsyncMongoClient[dict[str, Any]](uri, timeoutMS=10_000) as client:
        yield client


def _on(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?directConnection=true"


async def until_primary(client: AsyncMongoClient[dict[str, Any]]) -> None:
    """Wait until the client's mongod takes writes."""
    while not (await client.admin.command("hello"))["isWritablePrimary"]:  # noqa: ASYNC110 - it announces nothing
        await asyncio.sleep(0.01)


async def _add_record(mongod: EmbeddedMongod, record_id: str) -> None:
    async with _client(mongod.uri) as client:
        await client["finetuning"]["records"].insert_one({"_id": record_id})


async def _record_ids(mongod: EmbeddedMongod) -> list[str]:
    async with _client(mongod.uri) as client:
        return [record["_id"] async for record in client["finetuning"]["records"].find().sort("_id")]


def _pid_in_lock(data_dir: Path) -> int | None:
    """Return the pid that mongod writes into its own lock file early in its start."""
    lock = data_dir / "mongodb" / "mongod.lock"
    content = lock.read_text().strip() if lock.exists() else ""
    return int(content) if content else None


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return path


async def test_it_is_the_primary_of_rs0(tmp_path: Path) -> None:
    """Entered, it is primary of the one-member set rs0, its pid is mongod's own, and transactions work."""
    async with EmbeddedMongod(tmp_path / "data") as mongod, _client(mongod.uri) as client:
        hello = await client.admin.command("hello")
        status = await client.admin.command("serverStatus")
        async with client.start_session() as session, await session.start_transaction():
            await client["finetuning"]["records"].insert_one({"_id": "a"}, session=session)
        ids = await _record_ids(mongod)
    assert (hello["isWritablePrimary"], hello["setName"]) == (True, "rs0")
    assert hello["hosts"] == ["./mongod.sock"]
    assert status["pid"] == mongod.pid
    assert ids == ["a"]


async def test_it_takes_no_compressed_messages(tmp_path: Path) -> None:
    """A client that offers every compressor is offered none: faults were found in one of them."""
    async with EmbeddedMongod(tmp_path) as mongod, _client(mongod.uri) as client:
        hello = await client.admin.command("hello", compression=["zlib", "snappy", "zstd"])
    assert "compression" not in hello


async def test_it_sees_none_of_the_servers_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment has what finds programs and libraries, and nothing else."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-the-server-alone")
    monkeypatch.setenv("MONGODB_URI", "mongodb://operator:secret@example.com")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    async with EmbeddedMongod(tmp_path) as mongod:
        environment = environment_of(mongod.pid)
    environment.pop("LC_CTYPE", None)  # Python sets it in the launcher
    assert set(environment) == {"LD_LIBRARY_PATH", "PATH"}


async def test_the_database_directory_is_private(tmp_path: Path) -> None:
    """The database directory is made for its owner alone, even when it stood open before."""
    (tmp_path / "mongodb").mkdir(mode=0o755)
    async with EmbeddedMongod(tmp_path):
        mode = (tmp_path / "mongodb").stat().st_mode & 0o777
    assert mode == 0o700


async def test_a_terminal_interrupt_does_not_reach_it(tmp_path: Path) -> None:
    """It leads a session of its own, so the Ctrl-C that the terminal sends to our group is not sent to it."""
    async with EmbeddedMongod(tmp_path) as mongod:
        assert os.getsid(mongod.pid) == mongod.pid != os.getsid(0)


async def test_leaving_ends_it_cleanly(tmp_path: Path) -> None:
    """Left, no process remains, and mongod has emptied its own lock file, the mark of a clean end."""
    async with EmbeddedMongod(tmp_path) as mongod:
        assert is_running(mongod.pid)
    assert not is_running(mongod.pid)
    assert (tmp_path / "mongodb" / "mongod.lock").read_bytes() == b""


async def test_data_outlive_a_change_of_address(tmp_path: Path) -> None:
    """What a mongod on a port has stored is there on the socket, also after a move of the directory."""
    old = tmp_path / "old"
    old.mkdir()
    async with mongod_started(old / "mongodb", "--replSet", "rs0") as port, _client(_on(port)) as client:
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        await client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
        await until_primary(client)
        await client["finetuning"]["records"].insert_one({"_id": "a"})
    async with EmbeddedMongod(old) as mongod:
        await _add_record(mongod, "b")
    async with EmbeddedMongod(old.rename(tmp_path / "new")) as again:
        await _add_record(again, "c")
        assert await _record_ids(again) == ["a", "b", "c"]


async def test_data_outlive_a_killed_mongod(tmp_path: Path) -> None:
    """After kill -9 of mongod, leaving raises nothing, and the next start has every acknowledged write."""
    async with EmbeddedMongod(tmp_path) as mongod:
        await _add_record(mongod, "a")
        os.kill(mongod.pid, signal.SIGKILL)
    async with EmbeddedMongod(tmp_path) as again:
        assert await _record_ids(again) == ["a"]


async def test_it_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    """Killing the server ends its mongod, and a start at that very moment waits for it and succeeds."""
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(tmp_path)], stdout=subprocess.PIPE)  # noqa: ASYNC220 - the fork takes a millisecond
    with server:
        assert server.stdout is not None
        pid = int(await asyncio.to_thread(server.stdout.readline))
        server.kill()
        server.wait()
        async with EmbeddedMongod(tmp_path) as again:
            assert not is_running(pid)
            assert again.pid != pid


async def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    """A second start there is refused at once, names directory and holder, and disturbs nothing."""
    async with EmbeddedMongod(tmp_path) as mongod:
        await _add_record(mongod, "a")
        before = time.monotonic()
        with pytest.raises(DirectoryInUseError) as refusal:
            await EmbeddedMongod(tmp_path).__aenter__()
        assert time.monotonic() - before < 10
        assert await _record_ids(mongod) == ["a"]
    assert str(refusal.value) == (
        f"the data directory {tmp_path} is in use by process {os.getpid()}: stop it, or set another DATA_DIR"
    )


async def test_what_a_crash_left_is_no_obstacle(tmp_path: Path) -> None:
    """Our lock file naming a live process, and mongod's own naming a dead one, do not stop a start."""
    (tmp_path / "mongodb").mkdir()
    (tmp_path / "mongodb.lock").write_text(f"{os.getpid()}\n")
    (tmp_path / "mongodb" / "mongod.lock").write_text("4194304\n")
    async with EmbeddedMongod(tmp_path) as mongod:
        assert is_running(mongod.pid)


async def test_a_binary_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A binary that does not exist is named, with the ways to get one, and nothing is written."""
    with pytest.raises(MongodNotFoundError) as missing:
        await EmbeddedMongod(tmp_path / "data", binary=tmp_path / "nothing").__aenter__()
    message = str(missing.value)
    assert message.startswith(f"{tmp_path}/nothing is not an executable mongod: install the extra")
    assert "\n" not in message
    assert not (tmp_path / "data").exists()


async def test_a_failing_binary_is_quoted(tmp_path: Path) -> None:
    """The report on a binary with an early end has its last words; neither process nor lock is left."""
    words = "error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    broken = _script(tmp_path / "broken", f'echo "{words}" >&2; exit 127')
    with pytest.raises(MongodStartError) as failure:
        await EmbeddedMongod(tmp_path, binary=broken).__aenter__()
    assert str(failure.value) == (
        f"mongod ({broken}) ended with exit code 127: {words} (log: {tmp_path}/mongod.log)"
    )
    async with asyncio.timeout(1), directory_lock(tmp_path):
        pass


async def test_a_crashing_binary_is_reported_by_its_signal(tmp_path: Path) -> None:
    """A binary that dies by a signal, as on a processor it was not built for, is reported with the signal."""
    broken = _script(tmp_path / "broken", "kill -ILL $$")
    with pytest.raises(MongodStartError, match=r"ended by SIGILL: it left no error in its log"):
        await EmbeddedMongod(tmp_path, binary=broken).__aenter__()


async def test_mongods_own_error_is_quoted(tmp_path: Path) -> None:
    """Data that mongod cannot read are reported in mongod's own words."""
    (tmp_path / "mongodb").mkdir()
    (tmp_path / "mongodb" / "storage.bson").write_bytes(b"not bson at all")
    with pytest.raises(
        MongodStartError, match=r"ended with exit code \d+: Unable to read the storage engine metadata"
    ):
        await EmbeddedMongod(tmp_path).__aenter__()


async def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A data directory below a file is refused with the system's reason."""
    (tmp_path / "file").touch()
    with pytest.raises(
        EmbeddedMongodError, match=r"cannot use the data directory .*/file/data: .*Not a directory"
    ):
        await EmbeddedMongod(tmp_path / "file" / "data").__aenter__()


async def test_a_cancelled_start_leaves_nothing(tmp_path: Path) -> None:
    """A start cancelled before mongod is up leaves no process and no lock."""
    start = asyncio.create_task(EmbeddedMongod(tmp_path).__aenter__())
    await until(lambda: _pid_in_lock(tmp_path) is not None)
    pid = _pid_in_lock(tmp_path)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert pid is not None
    assert not is_running(pid)
    async with asyncio.timeout(1), directory_lock(tmp_path):
        pass


async def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    """A process that ignores SIGTERM is killed when its time is up."""
    deaf = _script(tmp_path / "deaf", "trap '' TERM; echo ready; while :; do sleep 60 & wait; done")
    process = subprocess.Popen([deaf], stdout=subprocess.PIPE, start_new_session=True)  # noqa: ASYNC220 - the fork takes a millisecond
    with process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        await stop(process, within_seconds=0.1)
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


async def test_a_cancelled_stop_still_ends_the_process(tmp_path: Path) -> None:
    """Cancelling the wait for a clean end kills the process rather than leave it."""
    deaf = _script(tmp_path / "deaf", "trap '' TERM; echo ready; exec sleep 60")
    process = subprocess.Popen([deaf], stdout=subprocess.PIPE)  # noqa: ASYNC220 - the fork takes a millisecond
    with process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        stopping = asyncio.create_task(stop(process, within_seconds=60))
        await asyncio.sleep(0)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
    assert process.returncode == -signal.SIGKILL
