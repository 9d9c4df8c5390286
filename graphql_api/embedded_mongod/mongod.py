"""Runs the real mongod as a child process.

It is a one-member replica set on a Unix socket, kept on disk. Only the user of this process reaches it. The
child has a session of its own, so a Ctrl-C in the terminal reaches the server alone, and the server ends the
mongod last. `lifeline` ends the mongod if the server is killed, and `watch` restarts it if it ends early.
POSIX only.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from graphql_api.embedded_mongod import replica_set
from graphql_api.embedded_mongod.binary import find_mongod
from graphql_api.embedded_mongod.data_directory import CLOSED_TO_OTHERS, make_private, private_opener
from graphql_api.embedded_mongod.directory_lock import directory_lock
from graphql_api.embedded_mongod.errors import EmbeddedMongodError, MongodDataLostError, MongodStartError
from graphql_api.embedded_mongod.lifeline import tied_to_this_process
from graphql_api.embedded_mongod.log import last_lines, reason_to_end
from graphql_api.embedded_mongod.unix_socket import host_of, is_answered, socket_directory, uri_of

_CACHE_GB = "0.25"
_OPLOG_MB = "256"  # the default is a twentieth of the free disk
# The journal's default is files of 100 MB, allocated three ahead: slow to make, and to read after a crash.
_JOURNAL = "log=(prealloc=false,file_max=16MB)"
# The server's own environment holds keys. A script in place of mongod needs PATH, some libraries the other.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "PATH")
_POLL_SECONDS = 0.02
_WATCH_SECONDS = 0.1  # a look costs one system call
_START_SECONDS = 45.0  # the replay of a large journal on a slow disk; about 0.5 otherwise
_STOP_SECONDS = 20.0  # the last checkpoint on a slow disk; about one otherwise
_PREVIOUS_LOG = "mongod.previous.log"
_MARK_OF_DATA = "WiredTiger"  # the first file of the storage engine


class EmbeddedMongod:
    """A mongod running for the time of an `async with`; its data stays in `data_dir/mongodb`.

    `data_dir` also has the logs of this run and of the one before. `binary` must be the mongod itself, or a
    script that ends in `exec mongod`.

    Entering raises an EmbeddedMongodError (MongodNotFoundError, DirectoryInUseError, MongodStartError) with
    one line for the operator. After an error or a cancellation no process and no lock remain.
    """

    _child: "_Child"

    def __init__(self, data_dir: Path, *, binary: Path | None = None) -> None:
        self._data_dir = data_dir.absolute()
        self._binary = binary

    @property
    def uri(self) -> str:
        """The URI for clients, unchanged after a restart."""
        return uri_of(self._child.directory)

    @property
    def pid(self) -> int:
        """The pid of the current or last process."""
        return self._child.process.pid

    @property
    def log_tail(self) -> list[str]:
        """The last lines of its log, readable; from the run before if this log is empty."""
        return last_lines(self._child.log) or last_lines(self._data_dir / _PREVIOUS_LOG)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as resources:
            try:
                await self._start(resources)
            except OSError as problem:
                raise EmbeddedMongodError(
                    f"cannot use the data directory {self._data_dir}: {problem}"
                ) from problem
            self._resources = resources.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._resources.aclose()

    async def ended(self) -> str:
        """Wait for the end of the process, collect it, and return how and why it ended."""
        while self._child.process.poll() is None:  # noqa: ASYNC110 - waiting would hold a thread for as long
            await asyncio.sleep(_WATCH_SECONDS)
        return self._child.end()

    async def restart(self) -> None:
        """Start it again on the same data and the same socket, so every client finds it again.

        Raises:
            MongodDataLostError: the data are gone; a new database must not take their place.
            MongodStartError: it did not start, as at the first start; another try may help.

        """
        await self._stop()  # it may still run if it was not ready in time
        if not (self._data_dir / "mongodb" / _MARK_OF_DATA).exists():
            raise MongodDataLostError(f"the data in {self._data_dir / 'mongodb'} are gone")
        try:
            self._child = _launch(
                self._child.binary, self._data_dir, directory=self._child.directory, lock=self._child.lock
            )
        except OSError as problem:
            raise MongodStartError(f"cannot use the data directory {self._data_dir}: {problem}") from problem
        await self._child.become_primary()

    async def _start(self, resources: AsyncExitStack) -> None:
        binary = find_mongod(self._binary)
        make_private(self._data_dir)
        lock = await resources.enter_async_context(directory_lock(self._data_dir))
        _make_database_directory(self._data_dir / "mongodb")
        directory = resources.enter_context(socket_directory(self._data_dir))
        self._child = _launch(binary, self._data_dir, directory=directory, lock=lock)
        resources.push_async_callback(self._stop)
        await self._child.become_primary()

    async def _stop(self) -> None:
        await stop(self._child.process, within_seconds=_STOP_SECONDS)


async def stop(process: subprocess.Popen[bytes], *, within_seconds: float) -> None:
    """End the process with SIGTERM, and after too long with SIGKILL: the journal makes this safe."""
    process.terminate()
    process.send_signal(signal.SIGCONT)  # a stopped process would not receive the SIGTERM
    try:
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, within_seconds)
    finally:
        process.kill()
        process.wait()


def _make_database_directory(database: Path) -> None:
    database.mkdir(mode=0o700, exist_ok=True)
    database.chmod(0o700)


def _launch(binary: Path, data_dir: Path, *, directory: Path, lock: int) -> "_Child":
    log = data_dir / "mongod.log"
    with suppress(FileNotFoundError):
        log.replace(data_dir / _PREVIOUS_LOG)
    command = [str(binary), "--dbpath", str(data_dir / "mongodb"), "--replSet", replica_set.NAME]
    command += ["--bind_ip", replica_set.HOST, "--filePermissions", "0600"]
    command += ["--nounixsocket"]  # no second socket, which mongod would put into /tmp
    command += ["--networkMessageCompressors", "disabled"]  # CVE-2025-14847 is in one of them
    command += ["--wiredTigerCacheSizeGB", _CACHE_GB, "--wiredTigerEngineConfigString", _JOURNAL]
    command += ["--oplogSize", _OPLOG_MB]
    with open(log, "wb", opener=private_opener) as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line, no shell sees it
            tied_to_this_process(command),
            stdin=subprocess.DEVNULL,
            stdout=output,  # not --logpath: so the log also has the linker's words before mongod runs
            stderr=subprocess.STDOUT,
            cwd=directory,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            umask=CLOSED_TO_OTHERS,
            start_new_session=True,
            pass_fds=[lock],
        )
    return _Child(process, directory=directory, lock=lock, log=log, binary=binary)


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    directory: Path
    lock: int
    log: Path
    binary: Path

    async def become_primary(self) -> None:
        try:
            async with (
                asyncio.timeout(_START_SECONDS),
                replica_set.direct_client(host_of(self.directory)) as client,
            ):
                # A client without a server waits half a second; a bare connection can be tried at once.
                while not is_answered(self.directory):
                    await self._pause()
                while not await replica_set.step_towards_primary(client):
                    await self._pause()
        except TimeoutError:
            raise MongodStartError(
                f"{self} was not ready within {_START_SECONDS:g} s: {self._reason()}"
            ) from None

    async def _pause(self) -> None:
        code = self.process.poll()
        if code is not None:
            raise MongodStartError(self.end())
        await asyncio.sleep(_POLL_SECONDS)

    def end(self) -> str:
        """Return how the process ended, and why if the log says it."""
        code = self.process.returncode
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return f"{self} ended {how}: {self._reason()}"

    def _reason(self) -> str:
        return f"{reason_to_end(self.log)} (log: {self.log})"

    def __str__(self) -> str:
        return f"mongod ({self.binary})"
