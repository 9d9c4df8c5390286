"""Asks for the addresses of a name."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from socket import SOCK_STREAM, getaddrinfo

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a name for a port, the best first; raises ``OSError``."""

_MOST_AT_ONCE = 8


class SystemResolver:
    """The machine's own resolver, in threads of its own.

    Nothing ends a look-up that hangs. In asyncio's shared threads, slow names of tenants would hold up
    everything else.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses, each once."""
        look_up = partial(getaddrinfo, host, port, type=SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))
