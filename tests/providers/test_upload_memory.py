"""The memory for an upload.

It is the file itself, and no copy of it.
"""

import asyncio
import json
import tracemalloc

from tests.providers.openai.wire import file
from tests.providers.opening import Open, at_each

FILE_BYTES = 30_000_000
PIECE_BYTES = 65_536


async def _discard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read an upload, keep nothing of it, and answer that it is there."""
    head = await reader.readuntil(b"\r\n\r\n")
    [length] = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = int(length.partition(b":")[2])
    while left:
        left -= len(await reader.read(PIECE_BYTES))
    body = json.dumps(file()).encode()
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
    writer.write(b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body))
    await writer.drain()
    writer.close()


@at_each
async def test_an_upload_makes_no_copy_of_the_file(provider_at: Open) -> None:
    """Several slots may upload at once, and each file may have 100 MB."""
    content = b"x" * FILE_BYTES
    server = await asyncio.start_server(_discard, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, provider_at(f"http://127.0.0.1:{port}/v1", call_timeout_s=60) as provider:
        tracemalloc.start()
        try:
            uploaded = await provider.upload_training_file(content, filename="f1.jsonl")
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert uploaded.id == "file-1"
    assert peak_bytes < FILE_BYTES / 4
