"""The application: which paths a server has, which a worker, and its list of trusted documents."""

from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from graphql_api.composition.app import build_app, build_worker_app, trusted_documents
from graphql_api.composition.start_error import StartError
from graphql_api.http.graphql.subscribers import Subscribers
from tests.http.conftest import SETTINGS, resources_of
from tests.world import World

OPERATIONS = ["/livez", "/metrics", "/readyz"]
CALLS = ["/graphql", "/schema.graphql", "/api/v1/finetunings/x/cancel", "/webhooks/openai"]


async def _statuses(app: object, method: str, paths: list[str]) -> list[int]:
    """Return the HTTP status of each path."""
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://app") as http:
        return [(await http.request(method, path)).status_code for path in paths]


async def test_a_worker_shows_its_health_and_serves_nothing_else(world: World) -> None:
    """GraphQL, REST and webhooks are a server's alone."""
    app = build_worker_app(SETTINGS, resources_of(world))
    assert await _statuses(app, "GET", OPERATIONS) == [200] * 3
    assert await _statuses(app, "POST", CALLS) == [404] * 4


async def test_a_server_has_webhooks_only_with_a_secret(world: World) -> None:
    """Without one nobody could tell whose they are; with one an unsigned delivery is refused."""
    subscribers = Subscribers(most=1, keep_alive_s=15)
    without = build_app(SETTINGS, resources_of(world), subscribers=subscribers)
    assert await _statuses(without, "GET", OPERATIONS) == [200] * 3
    assert await _statuses(without, "POST", ["/webhooks/openai"]) == [404]
    secret = SETTINGS.model_copy(update={"openai_webhook_secret": SecretStr("whsec_" + "YQ==")})
    app = build_app(secret, resources_of(world), subscribers=subscribers)
    assert await _statuses(app, "POST", ["/webhooks/openai"]) == [401]


def test_no_list_means_no_trusted_documents() -> None:
    """That is not an empty list."""
    assert trusted_documents(None) is None


def test_a_list_that_is_missing_is_told_by_its_setting(tmp_path: Path) -> None:
    """In one line, with the file's path."""
    with pytest.raises(StartError) as refusal:
        trusted_documents(tmp_path / "none.json")
    complaint = str(refusal.value)
    assert complaint.startswith("TRUSTED_DOCUMENTS: ")
    assert str(tmp_path / "none.json") in complaint
    assert "\n" not in complaint
