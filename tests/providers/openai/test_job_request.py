"""A finetuning's name as a part of a model name."""

from dataclasses import replace

import pytest

from graphql_api.providers.openai.job_request import model_suffix
from tests.providers.openai.raw_server import RawServer, answer
from tests.providers.openai.wire import SPEC, job, provider_at

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
    """At most 64 letters, digits, underscores and single dashes, none of them at the ends."""
    assert model_suffix(text) == expected


async def test_a_suffix_of_which_nothing_is_left_is_not_sent() -> None:
    """The API takes 1 to 64 characters or no suffix at all."""
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        await provider.create_job(replace(SPEC, suffix="заказы"))
    assert "suffix" not in server.requests[0].json
