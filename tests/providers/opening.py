"""Opens the provider under test, and names all of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import pytest

from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import FinetuningProvider
from graphql_api.providers.together import TogetherProvider

KEY = "sk-test-0123456789abcdef"

Provider = TypeVar("Provider", OpenAIProvider, TogetherProvider)
Open = Callable[..., AbstractAsyncContextManager[FinetuningProvider]]
"""Opens a provider at an address, as ``opened`` does."""


@asynccontextmanager
async def opened(
    kind: type[Provider],
    url: str | None,
    *,
    key: str = KEY,
    call_timeout_s: float = 10.0,
    upload_timeout_s: float | None = None,
    connect_timeout_s: float = 10.0,
    **more: Any,
) -> AsyncIterator[Provider]:
    """Open the provider, with what else it takes, and close it again."""
    provider = kind(
        key,
        url,
        call_timeout_s=call_timeout_s,
        upload_timeout_s=upload_timeout_s or call_timeout_s,
        connect_timeout_s=connect_timeout_s,
        **more,
    )
    try:
        yield provider
    finally:
        await provider.close()


OPENERS: dict[str, Open] = {
    "openai": partial(opened, OpenAIProvider),
    "together": partial(opened, TogetherProvider),
}
at_each = pytest.mark.parametrize("provider_at", OPENERS.values(), ids=OPENERS)
"""Give a test each provider's ``provider_at``."""
