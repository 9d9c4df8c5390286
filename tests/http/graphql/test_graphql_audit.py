"""The audits of graphql-http, by the package itself.

It is the reference implementation of GraphQL over HTTP.
"""

import json
from collections import Counter
from typing import Any

import httpx2

from tests.clients.node import run
from tests.http.conftest import client_of
from tests.world import World

AUDITS = 61


async def audits_of(http: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """Run all audits against the server, print their lines, and return their results."""
    lines = (await run("audit.mjs", str(http.base_url.join("/graphql")))).splitlines()
    print(*lines, sep="\n")  # noqa: T201  for who runs this test with -rP
    audits = [json.loads(line) for line in lines]
    assert len({audit["id"] for audit in audits}) == AUDITS
    return audits


async def test_every_audit_passes(node_packages: None, http: httpx2.AsyncClient) -> None:
    """All of them are ok: no error, no warning, not even a notice."""
    assert [audit for audit in await audits_of(http) if audit["status"] != "ok"] == []


async def test_the_edition_of_2026_breaks_no_rule(node_packages: None, world: World) -> None:
    """If the audits want the draft's 400 they may object to the edition's 422, and to nothing else."""
    async with client_of(world, graphql_http_edition="2026-09") as http:
        audits = await audits_of(http)
    assert Counter(audit["status"] for audit in audits) == {"ok": 42, "notice": 18, "warn": 1}
    objections = {audit["reason"] for audit in audits if audit["status"] != "ok"}
    assert objections == {"Response status code is not 400"}
