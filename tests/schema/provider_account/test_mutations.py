"""The changes to provider accounts."""

from typing import Any

from graphql_api.documents import ProviderAccount
from tests.accounts.stage import KEY, account_of
from tests.schema.conftest import Client

SHOWN = """
    name provider baseUrl organization project headerNames keyEnding
    defaultModel allowedModels isDisabled metadata
"""
CREATE = f"""
mutation($input: CreateProviderAccountInput!) {{ createProviderAccount(input: $input) {{ {SHOWN} }} }}
"""
GIVEN = {
    "name": "theirs",
    "provider": "openai",
    "apiKey": KEY,
    "baseUrl": "https://gateway.example/v1",
    "organization": "org-1",
    "project": "proj-1",
    "headers": {"x-portkey-provider": "canary"},
    "defaultModel": "gpt-4",
    "allowedModels": ["gpt-*"],
    "metadata": {"team": "a"},
}


async def changed(client: Client, change: str, account: ProviderAccount, **given: Any) -> Any:
    """Return what a change of the account answers."""
    head = "mutation($id: ID!, $input: {}!)" if given else "mutation($id: ID!)"
    kinds = {
        "updateProviderAccount": "UpdateProviderAccountInput",
        "rotateProviderAccountKey": "RotateProviderAccountKeyInput",
    }
    arguments = "providerAccountId: $id" + (", input: $input" if given else "")
    document = f"{head.format(kinds.get(change))} {{ {change}({arguments}) {{ {SHOWN} }} }}"
    return (await client.data(document, id=str(account.id), **given))[change]


async def test_an_account_shows_all_but_its_secrets(client: Client) -> None:
    """Of the key its ending, of the headers their names."""
    created = (await client.data(CREATE, input=GIVEN))["createProviderAccount"]
    assert created == {
        **{name: value for name, value in GIVEN.items() if name not in {"apiKey", "headers"}},
        "headerNames": ["x-portkey-provider"],
        "keyEnding": KEY[-4:],
        "isDisabled": False,
    }


async def test_a_bad_account_is_refused_with_a_code(client: Client) -> None:
    """The message has no part of the secrets."""
    refusal = await client.refusal(CREATE, input=GIVEN | {"apiKey": "sk-canary\n\n2"})
    assert (refusal["code"], refusal["argument"]) == ("BAD_USER_INPUT", "apiKey")
    assert "canary" not in str(refusal)


async def test_an_account_is_changed_and_its_key_rotated(client: Client) -> None:
    """What is not given stays."""
    account = await account_of(client.world, headers={"x-a": "1"})
    update = await changed(client, "updateProviderAccount", account, input={"name": "ours"})
    assert (update["name"], update["headerNames"]) == ("ours", ["x-a"])
    given = {"apiKey": "sk-another-0123456789", "headers": {}}
    rotated = await changed(client, "rotateProviderAccountKey", account, input=given)
    assert (rotated["name"], rotated["keyEnding"], rotated["headerNames"]) == ("ours", "6789", [])


async def test_enabling_wakes_the_worker(client: Client) -> None:
    """What waited for the account goes on at once."""
    account = await account_of(client.world)
    assert (await changed(client, "disableProviderAccount", account))["isDisabled"] is True
    assert client.wakes == []
    assert (await changed(client, "enableProviderAccount", account))["isDisabled"] is False
    assert len(client.wakes) == 1


async def test_a_trial_answers_in_one_word_and_one_sentence(client: Client) -> None:
    """It asks the provider."""
    account = await account_of(client.world)
    document = "mutation($id: ID!) { testProviderAccount(providerAccountId: $id) { finding message } }"
    assert (await client.data(document, id=str(account.id)))["testProviderAccount"] == {
        "finding": "OK",
        "message": "The provider listed the account's jobs.",
    }


async def test_a_deletion_is_repeated_safely(client: Client) -> None:
    """With the same time."""
    account = await account_of(client.world)
    document = (
        "mutation($id: ID!) { deleteProviderAccount(providerAccountId: $id) { providerAccountId deletedAt } }"
    )
    first, second = [await client.data(document, id=str(account.id)) for _ in range(2)]
    assert first == second
    assert first["deleteProviderAccount"]["providerAccountId"] == str(account.id)
