"""The fields of accounts: each failure names the argument, and no part of a secret."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from graphql_api.accounts import fields
from graphql_api.errors import BadUserInputError

ORGANIZATION = partial(fields.optional_id, name="organization")
BAD: dict[str, tuple[Callable[[Any], object], Any, str]] = {
    "the_reserved_name": (fields.name, "default", "name"),
    "no_name": (fields.name, " ", "name"),
    "no_key": (fields.api_key, "", "apiKey"),
    "a_key_of_two_lines": (fields.api_key, "sk-canary\nsk-canary", "apiKey"),
    "a_key_beyond_ascii": (fields.api_key, "sk-canary-é", "apiKey"),
    "too_long_a_key": (fields.api_key, "canary" * 1000, "apiKey"),
    "the_credential_as_a_header": (fields.headers, {"Authorization": "Bearer canary"}, "headers"),
    "the_host_as_a_header": (fields.headers, {"HOST": "canary"}, "headers"),
    "a_header_of_two_lines": (fields.headers, {"x-a": "canary\r\nx-b: 1"}, "headers"),
    "a_name_that_is_no_token": (fields.headers, {"x a": "1"}, "headers"),
    "too_many_headers": (fields.headers, {f"x-{n}": "1" for n in range(17)}, "headers"),
    "a_header_with_white_space": (fields.headers, {"x-a": "canary "}, "headers"),
    "a_whole_header_as_a_name": (fields.headers, {"x-a: canary": "1"}, "headers"),
    "a_name_that_is_no_text": (fields.headers, {1: "canary"}, "headers"),
    "a_number_in_a_header": (fields.headers, {"x-a": 1}, "headers"),
    "a_map_in_a_header": (fields.headers, {"x-a": {"b": "canary"}}, "headers"),
    "a_header_twice": (fields.headers, {"x-a": "canary", "X-A": "canary"}, "headers"),
    "a_text_of_headers": (fields.headers, "canary", "headers"),
    "a_list_of_headers": (fields.headers, ["canary"], "headers"),
    "a_falsehood_of_headers": (fields.headers, False, "headers"),
    "an_organization_of_two_lines": (ORGANIZATION, "org\nx", "organization"),
    "an_organization_beyond_ascii": (ORGANIZATION, "orgé", "organization"),
    "too_many_models": (fields.allowed_models, ["*"] * 101, "allowedModels"),
    "a_blank_model": (fields.allowed_models, ["gpt-*", ""], "allowedModels[1]"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_field_is_named_without_a_secret(case: str) -> None:
    """The message is fit for a log."""
    check, value, argument = BAD[case]
    with pytest.raises(BadUserInputError) as refused:
        check(value)
    assert refused.value.details == {"argument": argument}
    assert "canary" not in refused.value.message


def test_good_fields_are_put_in_order() -> None:
    """White space goes, names of headers are in lower case, nothing is a list."""
    assert fields.api_key(" sk-1 \n") == "sk-1"
    assert fields.headers({"X-Portkey-Provider": "openai"}) == {"x-portkey-provider": "openai"}
    assert (fields.headers(None), fields.allowed_models(None)) == ({}, [])
    assert (ORGANIZATION(" org-1 "), ORGANIZATION(None)) == ("org-1", None)
    assert fields.optional_text(None, name="project", longest=1) is None


@pytest.mark.parametrize(("key", "ending"), [("sk-0123456789abcdef", "cdef"), ("sk-0123456789", "")])
def test_a_short_key_shows_no_ending(key: str, ending: str) -> None:
    """Four characters would be too large a part of it."""
    assert fields.key_ending(key) == ending


@pytest.mark.parametrize(
    ("default", "allowed", "fits"),
    [(None, ["a*"], True), ("ab", [], True), ("ab", ["a*"], True), ("b", ["a*"], False)],
)
def test_the_default_model_is_among_the_allowed_ones(
    default: str | None, allowed: list[str], *, fits: bool
) -> None:
    """Else a finetuning without a model of its own could not be made."""
    if fits:
        fields.check_models(default, allowed)
        return
    with pytest.raises(BadUserInputError, match="defaultModel"):
        fields.check_models(default, allowed)
