"""The providers by name."""

from typing import cast

import pytest

from graphql_api.errors import ProviderNotSupportedError
from graphql_api.providers.port import FinetuningProvider
from graphql_api.providers.registry import Providers


class Closable:
    """Something that notes when it is closed, and may fail to."""

    def __init__(self, name: str, closed: list[str], *, fails: bool = False) -> None:
        self._name = name
        self._closed = closed
        self._fails = fails

    async def close(self) -> None:
        """Note it."""
        self._closed.append(self._name)
        if self._fails:
            raise OSError(self._name)


def _provider(name: str, closed: list[str], *, fails: bool = False) -> FinetuningProvider:
    return cast("FinetuningProvider", Closable(name, closed, fails=fails))


def test_a_provider_is_found_by_its_name() -> None:
    """The name is the key, exactly as written."""
    openai = _provider("openai", [])
    providers = Providers({"openai": openai})
    assert (providers.named("openai"), providers.names) == (openai, ("openai",))


@pytest.mark.parametrize("name", ["anthropic", "OpenAI", ""])
def test_an_unknown_name_is_told_with_the_known_ones(name: str) -> None:
    """The error names the wrong name and the known ones."""
    with pytest.raises(ProviderNotSupportedError) as caught:
        Providers({"openai": _provider("openai", [])}).named(name)
    assert caught.value.message == f"Provider {name!r} is not supported; supported: openai."
    assert caught.value.details == {"supported": ["openai"]}


async def test_every_provider_is_closed_even_if_one_fails() -> None:
    """The last one first; the failure is still told."""
    closed: list[str] = []
    providers = Providers({"a": _provider("a", closed), "b": _provider("b", closed, fails=True)})
    with pytest.raises(OSError, match="b"):
        await providers.close()
    assert closed == ["b", "a"]
