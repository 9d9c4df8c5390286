"""The audits of graphql-http, the reference implementation of GraphQL over HTTP, by the package itself."""

import json

import httpx2
import pytest

from tests.clients.node import run

AUDITS = 61


@pytest.mark.timeout(180)  # the packages may have to be installed first
async def test_every_audit_passes(node_packages: None, http: httpx2.AsyncClient) -> None:
    """All of them are ok: no error, no warning, not even a notice."""
    lines = (await run("audit.mjs", str(http.base_url.join("/graphql")))).splitlines()
    print(*lines, sep="\n")  # noqa: T201  the result lines, for who runs this test with -rP
    audits = [json.loads(line) for line in lines]
    assert len({audit["id"] for audit in audits}) == AUDITS
    assert [audit for audit in audits if audit["status"] != "ok"] == []
