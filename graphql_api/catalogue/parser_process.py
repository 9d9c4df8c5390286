"""The process that parses golden records' SQL, asked for several statements at a time."""

import json
import os
import sys
from asyncio import StreamReader, StreamWriter, create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Self, cast

# What the interpreter needs to find its parts. The rest of the server's environment has keys.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the parser says of the first statements; ``has_ended`` means that it ended amid the next one."""

    given: list[dict[str, Any]]
    has_ended: bool


class ParserProcess:
    """A running parser.

    It writes its answers into memory that outlives it, so that all those before its end are known, and the
    event loop wakes once for all of them.
    """

    def __init__(self, process: Process, answers: BinaryIO) -> None:
        self._process = process
        self._answers = answers

    @classmethod
    async def start(cls) -> Self:
        """Start one; raises ``OSError``."""
        with ExitStack() as stack:
            answers = stack.enter_context(_memory())
            process = await _started(answers.fileno())
            stack.pop_all()
        return cls(process, answers)

    @property
    def is_running(self) -> bool:
        """Whether its end is not known."""
        return self._process.returncode is None

    async def ask(self, statements: Sequence[str], *, dialect: str) -> Answers:
        """Return the answers to some of the statements, at least to the first, in their order."""
        stdin, stdout = cast("StreamWriter", self._process.stdin), cast("StreamReader", self._process.stdout)
        self._answers.seek(0)
        self._answers.truncate()
        done = b""
        with suppress(OSError):  # its pipes have ended
            stdin.write(json.dumps([statements, dialect]).encode() + b"\n")
            await stdin.drain()
            done = await stdout.readline()
        self._answers.seek(0)
        *whole, _ = self._answers.read().split(b"\n")
        return Answers(
            [json.loads(line) for line in whole], has_ended=not done and len(whole) < len(statements)
        )

    def kill(self) -> None:
        """End it at once, whatever it does."""
        with suppress(ProcessLookupError):  # it has ended by itself
            self._process.kill()

    def drop(self) -> None:
        """End it at once, while nobody waits for its answers."""
        self.kill()
        self._answers.close()

    async def exit_code(self) -> int | None:
        """Wait for its end, until its pipes are closed, too."""
        await self._process.communicate()  # no kill: it could replace the exit code
        self._answers.close()
        return self._process.returncode


def _memory() -> BinaryIO:
    """Return memory as a file; where the system has none or refuses it, a file without a name."""
    try:
        return os.fdopen(os.memfd_create("answers"), "w+b", buffering=0)
    except (AttributeError, OSError):
        return TemporaryFile(buffering=0)


async def _started(answers: int) -> Process:
    # In a session of its own: an interrupt from the terminal is for the server, and the server ends this.
    script = Path(__file__).with_name("sql_parser.py")
    return await create_subprocess_exec(
        *(sys.executable, "-P", str(script), str(answers)),
        stdin=PIPE,
        stdout=PIPE,
        pass_fds=(answers,),
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,
    )
