"""The one check of a page's site.

A cancel over REST and a WebSocket ask it alike.
"""

import json
from urllib.parse import urlencode

import httpx2
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from graphql_api.documents import Finetuning
from tests.http.conftest import client_of, tell_again
from tests.http.graphql.websocket_client import asked, connected_to
from tests.world import World

NAMED = "https://app.example.com"
EVIL = "https://evil.example"
HOST = "api.example.com"
FORBIDDEN = {
    "title": "Forbidden",
    "status": 403,
    "detail": "Pages of this site may not use this server.",
    "code": "FORBIDDEN",
}

ADMITTED: dict[str, dict[str, str]] = {
    "no_browser": {},
    "a_person": {"sec-fetch-site": "none"},
    "our_own_page": {"sec-fetch-site": "same-origin", "origin": f"https://{HOST}"},
    "our_own_page_behind_a_proxy": {"sec-fetch-site": "same-origin", "origin": "https://front.example.com"},
    "our_own_page_over_http": {"origin": f"http://{HOST}"},
    "our_own_page_in_an_old_browser": {"origin": f"https://{HOST}"},
    "our_own_page_behind_a_proxy_that_names_the_port": {
        "host": f"{HOST}:443",
        "origin": f"https://{HOST}",
    },
    "a_named_site": {"sec-fetch-site": "cross-site", "origin": NAMED},
    "a_named_site_over_http": {"origin": NAMED},
}
FOREIGN: dict[str, dict[str, str]] = {
    "another_site": {"sec-fetch-site": "cross-site", "origin": EVIL},
    "another_site_over_http": {"origin": EVIL},
    "another_site_that_claims_a_person": {"sec-fetch-site": "none", "origin": EVIL},
    "another_site_that_hides": {"sec-fetch-site": "cross-site"},
    "a_neighbour": {"sec-fetch-site": "same-site", "origin": "https://www.example.com"},
    "our_host_without_tls": {"sec-fetch-site": "cross-site", "origin": f"http://{HOST}"},
    "the_named_host_without_tls": {"origin": "http://app.example.com"},
    "a_sandboxed_frame": {"origin": "null"},
    "another_port": {"origin": f"http://{HOST}:8080"},
    "a_longer_host": {"origin": f"http://{HOST}.evil.example"},
    "a_broken_origin": {"origin": "http://["},
}


async def cancelled(
    http: httpx2.AsyncClient, finetuning: Finetuning, headers: dict[str, str]
) -> httpx2.Response:
    """Cancel with these headers."""
    path = f"/api/v1/finetunings/{finetuning.id}/cancel"
    return await http.post(path, json={}, headers={"host": HOST, **headers})


async def connects(host: str, headers: dict[str, str]) -> bool:
    """Return whether a WebSocket with these headers is opened, and then runs a query."""
    try:
        async with connected_to(host, additional_headers=headers) as socket:
            return await asked(socket, "{ __typename }") == [{"data": {"__typename": "Query"}}, None]
    except InvalidStatus as refused:
        return bool(json.loads(refused.response.body) != FORBIDDEN)


async def test_only_our_own_pages_and_named_sites_may_cancel(world: World) -> None:
    """Every other page is told so as a problem, and its cancel is not recorded."""
    async with client_of(world, cors_origins=(NAMED,)) as http:
        for page, headers in FOREIGN.items():
            finetuning = await world.create()
            tell_again()
            with capture_logs() as logs:
                answer = await cancelled(http, finetuning, headers)
            assert (page, answer.status_code, answer.json()) == (page, 403, FORBIDDEN)
            assert answer.headers["content-type"] == "application/problem+json"
            assert await world.read(finetuning) == finetuning
            (logged,) = [line for line in logs if "CORS_ORIGINS" in line["event"]]
            assert (logged["origin"], logged["host"]) == (headers.get("origin"), HOST)
        for page, headers in ADMITTED.items():
            finetuning = await world.create()
            answer = await cancelled(http, finetuning, headers)
            assert (page, answer.status_code) == (page, 200)
            assert (await world.read(finetuning)).status == "cancelled"


@pytest.mark.parametrize("headers", [FOREIGN["another_site_over_http"], FOREIGN["our_host_without_tls"]])
async def test_without_a_named_site_no_other_page_may_cancel(world: World, headers: dict[str, str]) -> None:
    """That is how the server starts."""
    finetuning = await world.create()
    async with client_of(world) as http:
        assert (await cancelled(http, finetuning, headers)).status_code == 403
    assert await world.read(finetuning) == finetuning


async def test_a_star_lets_every_page_cancel(world: World) -> None:
    """Even one that hides."""
    async with client_of(world, cors_origins=("*",)) as http:
        for headers in FOREIGN.values():
            assert (await cancelled(http, await world.create(), headers)).status_code == 200


async def test_a_websocket_is_held_to_the_same_rule(world: World) -> None:
    """A page refused for a cancel is refused a connection, and one allowed a cancel is allowed both."""
    async with client_of(world, cors_origins=(NAMED,)) as http:
        own = http.base_url.netloc.decode()
        for page, headers in {**FOREIGN, **ADMITTED}.items():
            if "host" in headers:
                continue  # this client names the host itself
            told = {name: value.replace(HOST, own) for name, value in headers.items()}
            assert (page, await connects(own, told)) == (page, page in ADMITTED)


async def test_no_page_of_another_site_runs_a_mutation(world: World) -> None:
    """GraphQL takes no body sent unasked by a browser, and says yes to named sites only."""
    finetuning = await world.create()
    mutation = f'mutation {{ cancelFinetuning(finetuningId: "{finetuning.id}") {{ status }} }}'
    part = 'Content-Disposition: form-data; name="query"'
    body, form = json.dumps({"query": mutation}), urlencode({"query": mutation})
    unasked = {
        "text/plain": body,
        "application/x-www-form-urlencoded": form,
        "multipart/form-data; boundary=x": f"--x\r\n{part}\r\n\r\n{mutation}\r\n--x--",
        "": body,
    }
    preflight = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
        "origin": EVIL,
    }
    async with client_of(world, cors_origins=(NAMED,)) as http:
        for media_type, content in unasked.items():
            headers = {"origin": EVIL, "content-type": media_type}
            sent = await http.post("/graphql", content=content, headers=headers)
            assert (media_type, sent.status_code) == (media_type, 415)
        assert (await http.get("/graphql", params={"query": mutation})).status_code == 405
        assert (
            "access-control-allow-origin" not in (await http.options("/graphql", headers=preflight)).headers
        )
    assert await world.read(finetuning) == finetuning
