"""The inputs of provider accounts."""

from graphql_api.accounts.manage import NewProviderAccount
from graphql_api.schema.provider_account.inputs import CreateProviderAccountInput


def test_what_is_absent_is_left_to_the_defaults() -> None:
    """An input with what must be given."""
    given = CreateProviderAccountInput(name="a", provider="openai", api_key="sk-1")
    assert given.parsed() == NewProviderAccount(name="a", provider="openai", api_key="sk-1")
