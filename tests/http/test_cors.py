"""Pages of other sites.

A page may use the server only if its site was named.
"""

import httpx2
import pytest

from tests.http.conftest import quick_client_of
from tests.world import World

SITE = "https://app.example.com"
PREFLIGHT = {
    "origin": SITE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-request-id",
}


def granted(response: httpx2.Response) -> dict[str, str]:
    """Return the browser's permissions for other sites."""
    return {key: value for key, value in response.headers.items() if key.startswith("access-control-")}


async def test_no_other_site_is_let_in_by_default(quick_http: httpx2.AsyncClient) -> None:
    """The answer says nothing of them, so that browsers keep it to themselves."""
    for response in (
        await quick_http.options("/graphql", headers=PREFLIGHT),
        await quick_http.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": SITE}),
    ):
        assert granted(response) == {}


async def test_a_named_site_is_let_in(world: World) -> None:
    """For GET and POST with any header; it may read the request's id and when to come back."""
    async with quick_client_of(world, cors_origins=(SITE,)) as http:
        preflight = await http.options("/graphql", headers=PREFLIGHT)
        answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": SITE})
        missing = await http.get("/nothing", headers={"origin": SITE})
    assert preflight.status_code == 200
    assert preflight.headers["X-Request-Id"]
    assert granted(preflight) == {
        "access-control-allow-origin": SITE,
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "content-type,x-request-id",
        "access-control-max-age": "7200",
    }
    read = {"access-control-allow-origin": SITE, "access-control-expose-headers": "X-Request-Id, Retry-After"}
    assert (granted(answer), granted(missing)) == (read, read)
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example.com", "http://app.example.com", "null"])
async def test_another_site_is_not(world: World, origin: str) -> None:
    """Under any name."""
    async with quick_client_of(world, cors_origins=(SITE,)) as http:
        preflight = await http.options("/graphql", headers={**PREFLIGHT, "origin": origin})
        answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": origin})
    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in {**granted(preflight), **granted(answer)}


async def test_every_site_can_be_let_in(world: World) -> None:
    """By a star; credentials of the browser are never part of it."""
    async with quick_client_of(world, cors_origins=("*",)) as http:
        answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": SITE})
    assert granted(answer)["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in granted(answer)
