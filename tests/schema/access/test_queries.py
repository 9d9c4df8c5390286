"""What a caller sees of itself."""

from dataclasses import replace
from datetime import UTC, datetime

from graphql_api.caller import Caller
from graphql_api.scopes import Scope
from tests.schema.conftest import Client

VIEWER = "{ viewer { tenant subject scopes expiresAt } }"


async def test_the_viewer_is_the_caller(client: Client) -> None:
    """With its scopes in alphabetical order."""
    caller = Caller(
        tenant="acme",
        subject="ada",
        scopes=frozenset({Scope.FINETUNINGS_READ, Scope.ADMIN}),
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    assert await replace(client, caller=caller).data(VIEWER) == {
        "viewer": {
            "tenant": "acme",
            "subject": "ada",
            "scopes": ["admin", "finetunings:read"],
            "expiresAt": "2030-01-01T00:00:00+00:00",
        }
    }


async def test_the_anonymous_caller_has_no_name(client: Client) -> None:
    """And no end."""
    viewer = (await client.data(VIEWER))["viewer"]
    assert (viewer["subject"], viewer["expiresAt"], len(viewer["scopes"])) == (None, None, len(Scope))
