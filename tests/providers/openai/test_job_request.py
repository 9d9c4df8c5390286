"""A finetuning's name as a part of a model name."""

from dataclasses import replace

import pytest

from graphql_api.providers.openai.job_request import longest_suffix, model_suffix
from tests.providers.openai.wire import SPEC, job, provider_at
from tests.providers.raw_server import RawServer, answer

SUFFIXES = {
    "orders": "orders",
    "Sales Q3 / north": "Sales-Q3-north",
    "Müller_ça": "Muller_ca",
    "--a..b--": "a-b",
    "x" * 100: "x" * 64,
    "x" * 63 + " y": "x" * 63,
    "заказы": "",
    "": "",
    "\x00\ud800:": "",
}


@pytest.mark.parametrize(("text", "expected"), SUFFIXES.items(), ids=map(ascii, SUFFIXES))
def test_a_suffix_is_cut_and_cleaned(text: str, expected: str) -> None:
    """At most 64 letters, digits, underscores and single dashes, and no dash at the ends."""
    assert model_suffix(text, longest=64) == expected


HOSTS = {
    "api.openai.com": 64,
    "eu.api.openai.com": 64,
    "our.openai.azure.com": 40,
    "openai.com.example.org": 40,
    "notopenai.com": 40,
    "127.0.0.1": 40,
    "": 40,
}


@pytest.mark.parametrize(("host", "longest"), HOSTS.items(), ids=HOSTS)
def test_only_openai_itself_is_sent_long_suffixes(host: str, longest: int) -> None:
    """Azure's dated API refuses a job with a suffix of more than 40 characters."""
    assert longest_suffix(host) == longest


async def test_an_endpoint_that_is_not_openais_is_sent_a_suffix_of_40_characters() -> None:
    """A long name must not end a finetuning."""
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        await provider.create_job(replace(SPEC, alias="s" * 64))
    assert server.requests[0].json["suffix"] == "s" * 40


async def test_a_chosen_suffix_is_sent_whole_and_a_seed_beside_it() -> None:
    """An endpoint that takes less refuses it: a model with another name would be a surprise."""
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        await provider.create_job(replace(SPEC, suffix="s" * 64, seed=0))
    sent = server.requests[0].json
    assert (sent["suffix"], sent["seed"]) == ("s" * 64, 0)


async def test_a_suffix_of_which_nothing_is_left_is_not_sent() -> None:
    """The API takes 1 to 64 characters or no suffix at all."""
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        await provider.create_job(replace(SPEC, alias="заказы"))
    assert {"suffix", "seed"}.isdisjoint(server.requests[0].json)
