"""The port of operators: health and metrics move there.

Without it they are on the port of clients, and strangers learn little there.
"""

import socket

import httpx2
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from graphql_api.composition.app import build_operations_app, build_worker_app
from graphql_api.composition.server import operators_served
from graphql_api.composition.start_error import StartError
from graphql_api.scopes import ALL_SCOPES, Scope
from tests.http.conftest import SETTINGS, client_of, resources_of
from tests.http.guarded import guarded_server
from tests.world import World

PATHS = ("/metrics", "/readyz", "/livez")
DETAILS = {"ready", "mongodb", "provider"}


def client_at(app: object, host: str = "worker") -> httpx2.AsyncClient:
    """Return a client of the application itself."""
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]
    return httpx2.AsyncClient(transport=transport, base_url=f"http://{host}")


async def statuses(http: httpx2.AsyncClient, **headers: str) -> list[int]:
    """Return the statuses of the operators' paths."""
    return [(await http.get(path, headers=headers)).status_code for path in PATHS]


async def test_a_server_with_keys_tells_strangers_no_more_than_whether_it_is_ready(world: World) -> None:
    """An admin learns the rest, and another key opens no more than none."""
    async with guarded_server(world, auth=("keys",)) as guarded:
        admin = {"authorization": f"Bearer {(await guarded.key(*ALL_SCOPES)).text}"}
        reader = {"authorization": f"Bearer {(await guarded.key(Scope.FINETUNINGS_READ)).text}"}
        wrong = {"authorization": "Bearer nothing"}
        told = [(await guarded.http.get("/readyz", headers=one)).json() for one in ({}, reader, wrong, admin)]
        assert await statuses(guarded.http) == [401, 200, 200]
        assert await statuses(guarded.http, **reader) == [403, 200, 200]
        assert await statuses(guarded.http, **admin) == [200, 200, 200]
    assert told[:3] == [{"ready": True}] * 3
    assert told[3] == {"ready": True, "mongodb": "ok", "provider": world.server.base_url}


async def test_health_and_metrics_leave_the_port_of_clients(world: World) -> None:
    """For everybody, also for admins; only ``/livez`` stays."""
    async with guarded_server(world, auth=("keys",), operations_port=0) as guarded:
        admin = {"authorization": f"Bearer {(await guarded.key(*ALL_SCOPES)).text}"}
        assert await statuses(guarded.http, **admin) == [404, 404, 200]
        assert await statuses(guarded.http) == [401, 404, 200]
        assert (await guarded.http.get("/")).json().keys() == {"name", "version", "graphql"}
    async with client_of(world, operations_port=0) as http:
        assert await statuses(http) == [404, 404, 200]


async def test_a_server_serves_operators_beside_its_clients(world: World) -> None:
    """On a loopback port of its own, which its log names; it asks for no credential and tells everything."""
    with capture_logs() as logs:
        async with guarded_server(world, auth=("keys",), operations_port=0) as guarded:
            (line,) = [line for line in logs if line["event"] == "serving operators"]
            url = line["metrics"].removesuffix("/metrics")
            assert url.startswith("http://127.0.0.1:")
            assert url != str(guarded.http.base_url).rstrip("/")
            async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
                assert await statuses(http) == [200, 200, 200]
                assert (await http.get("/readyz")).json().keys() == DETAILS
                served = [(await http.get(path)).status_code for path in ("/", "/graphql", "/schema.graphql")]
    assert served == [404] * 3
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get("/livez")


async def test_a_worker_keeps_its_health_on_its_own_port_too(world: World) -> None:
    """With a port for operators the worker's other port says whether it lives."""
    settings = SETTINGS.model_copy(update={"operations_port": 0})
    async with client_at(build_worker_app(settings, resources_of(world))) as http:
        assert await statuses(http) == [404, 404, 200]
    async with client_at(build_worker_app(SETTINGS, resources_of(world))) as http:
        assert await statuses(http) == [200, 200, 200]


async def test_a_page_under_another_name_does_not_read_the_metrics(world: World) -> None:
    """The port of operators answers to its own names alone."""
    settings = SETTINGS.model_copy(update={"allowed_hosts": (), "operations_host": "10.1.2.3"})
    app = build_operations_app(settings, resources_of(world))
    for host, status in (("evil.example", 421), ("10.1.2.3", 200), ("localhost", 200)):
        async with client_at(app, host) as http:
            assert (await http.get("/metrics")).status_code == status


async def test_a_port_in_use_is_told_by_its_settings(world: World) -> None:
    """The start is refused in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = SETTINGS.model_copy(update={"operations_port": port})
        with pytest.raises(StartError) as refusal:
            async with operators_served(settings, resources_of(world)):
                pass
    assert str(refusal.value).startswith(
        f"OPERATIONS_HOST, OPERATIONS_PORT: cannot listen on 127.0.0.1 port {port}: "
    )


async def test_without_the_setting_no_port_is_opened(world: World) -> None:
    """It is off by default."""
    with capture_logs() as logs:
        async with operators_served(SETTINGS, resources_of(world)) as url:
            assert url is None
    assert logs == []


async def test_a_server_with_a_webhook_keeps_it_on_the_port_of_clients(world: World) -> None:
    """Operators' paths move, and nothing else does."""
    secret = SecretStr("whsec_" + "YQ==")
    async with client_of(world, operations_port=0, openai_webhook_secret=secret) as http:
        assert (await http.post("/webhooks/openai")).status_code == 401
