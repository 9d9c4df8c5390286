"""The inputs of provider accounts."""

from graphql_api.accounts.manage import NewProviderAccount
from graphql_api.schema.provider_account.inputs import (
    CreateProviderAccountInput,
    RotateProviderAccountKeyInput,
)


def test_what_is_absent_is_left_to_the_defaults() -> None:
    """An input with what must be given."""
    given = CreateProviderAccountInput(name="a", provider="openai", api_key="sk-1")
    assert given.parsed() == NewProviderAccount(name="a", provider="openai", api_key="sk-1")


def test_no_input_shows_its_secrets() -> None:
    """A traceback or a log may have it."""
    secrets = {"api_key": "sk-canary", "headers": {"x-a": "canary"}}
    given = CreateProviderAccountInput(name="a", provider="openai", **secrets)  # type: ignore[arg-type]  # of two types
    for one in (given, given.parsed(), RotateProviderAccountKeyInput(**secrets)):  # type: ignore[arg-type]  # of two types
        assert "canary" not in repr(one)
        assert type(one).__name__ in repr(one)
