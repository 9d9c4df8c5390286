"""The bystander: a client in a process of its own, with its own work on the attacked server.

``python -m hostile.bystander PORT KEY`` reads one order a line from stdin and prints one line of latencies.
Each request is due at a fixed pace. Its latency counts from then, so a client that waits for an answer does
not hide how long the next ones wait, too.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

from hostile.client import CLOSED, HOST, Attacker

PACE_S = 0.02
CANCEL_PACE_S = 0.4
PATIENCE_AT_THE_END_S = 5.0
CANCEL = "mutation ($id: ID!) { cancelFinetuning(finetuningId: $id) { id status } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The latencies of a look, in seconds; ``wrong`` names answers other than the right one."""

    reads_s: Sequence[float]
    cancels_s: Sequence[float]
    wrong: Sequence[str]


@dataclass(slots=True)
class Bystander:
    """Another process of the bystander, over its pipes."""

    process: asyncio.subprocess.Process

    async def look(self, *, for_s: float, cancels: Sequence[str]) -> Looked:
        """Let it work for so many seconds and cancel these finetunings; return what it saw."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the bystander has no pipes")
        stdin.write(json.dumps({"for_s": for_s, "cancels": list(cancels)}).encode() + b"\n")
        await stdin.drain()
        line = await stdout.readline()
        if not line:
            raise RuntimeError("the bystander has ended")
        return Looked(**json.loads(line))


async def look(port: int, key: str, *, for_s: float, cancels: Sequence[str]) -> Looked:
    """Read at the pace, and cancel each of these; a request without an answer counts up to now."""
    client = Attacker(port=port, key=key, library="")
    wrong: list[str] = []

    async def read(connection: "_Connection") -> None:
        note(await connection.ask(b'{"query": "{ __typename }"}'), b'"data":{"__typename":"Query"}')

    async def cancel(finetuning_id: str) -> None:
        """Cancel over a connection of its own: a newcomer has to get in."""
        body = json.dumps({"query": CANCEL, "variables": {"id": finetuning_id}}).encode()
        connection = _Connection(client)
        note(await connection.ask(body), b'"cancelFinetuning":{')
        connection.close()

    def note(told: bytes, wanted: bytes) -> None:
        if wanted not in told:
            wrong.append(told[:200].decode(errors="replace"))

    connection = _Connection(client)
    reads = _paced(int(for_s / PACE_S), PACE_S, lambda _: read(connection))
    asked = _paced(len(cancels), CANCEL_PACE_S, lambda place: cancel(cancels[place]))
    reads_s, cancels_s = await asyncio.gather(reads, asked)
    connection.close()
    return Looked(reads_s=reads_s, cancels_s=cancels_s, wrong=wrong[:3])


async def _paced(
    times: int, pace_s: float, work: Callable[[int], Coroutine[object, object, None]]
) -> list[float]:
    """Do the work one after the other, each when it is due or later; return how long after that it ended."""
    began, latencies = perf_counter(), list[float]()
    ends = began + times * pace_s + PATIENCE_AT_THE_END_S
    for place in range(times):
        due = began + place * pace_s
        await asyncio.sleep(due - perf_counter())
        with suppress(TimeoutError, OSError, EOFError):
            async with asyncio.timeout(max(0, ends - perf_counter())):
                await work(place)
        latencies.append(perf_counter() - due)
    return latencies


class _Connection:
    """One keep-alive connection, opened again after it was lost."""

    def __init__(self, client: Attacker) -> None:
        self._client = client
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, body: bytes) -> bytes:
        """Return the answer's body; a word for a connection that was closed."""
        try:
            return await self._asked(body)
        except (OSError, EOFError):
            self.close()
            return CLOSED.encode()
        except asyncio.CancelledError:
            self.close()  # the answer would be taken for the next one's
            raise

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _asked(self, body: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._client.port)
        reader, writer = self._streams
        writer.write(self._client.head("POST", f"Content-Length: {len(body)}") + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        return await reader.readexactly(length)


async def _main(port: int, key: str) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        looked = await look(port, key, **json.loads(line))
        told = {"reads_s": looked.reads_s, "cancels_s": looked.cancels_s, "wrong": looked.wrong}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
