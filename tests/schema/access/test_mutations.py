"""The input of new keys, and servers without any."""

from collections.abc import Mapping

import pytest

from tests.schema.conftest import Client

CREATE = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }"
GOOD: Mapping[str, object] = {"name": "ci", "scopes": ["finetunings:read"]}


async def test_a_server_without_keys_makes_none(client: Client) -> None:
    """The error names the setting."""
    refusal = await client.refusal(CREATE, input=GOOD)
    assert refusal["code"] == "API_KEYS_OFF"
    revoke = 'mutation { revokeApiKey(apiKeyId: "0123456789abcdef01234567") { id } }'
    assert (await client.refusal(revoke))["code"] == "API_KEYS_OFF"


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"name": " "}, "name"),
        ({"name": "a" * 201}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["finetunings:fly"]}, "scopes"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
    ],
)
async def test_a_bad_key_is_refused_by_name(
    guarded_client: Client, changes: Mapping[str, object], argument: str
) -> None:
    """Nothing is stored."""
    refusal = await guarded_client.refusal(CREATE, input={**GOOD, **changes})
    assert (refusal["code"], refusal["argument"]) == ("BAD_USER_INPUT", argument)
    assert await guarded_client.data("{ apiKeys { nodes { id } } }") == {"apiKeys": {"nodes": []}}
