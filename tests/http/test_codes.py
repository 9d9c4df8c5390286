"""The codes of errors: all documented, and no other."""

import re
from http import HTTPStatus
from pathlib import Path

from graphql_api import document_errors, errors
from graphql_api.access import errors as access
from graphql_api.accounts import errors as accounts
from graphql_api.errors import ExpectedError
from graphql_api.http.problems import code_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "graphql-over-http.md"
OF_ROUTES = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
"""What the router answers by itself."""


def codes_of_errors() -> set[str]:
    """Return the codes of the typed failures, and those that have no type."""
    members = [one for module in (errors, document_errors, access, accounts) for one in vars(module).values()]
    typed = [one for one in members if isinstance(one, type) and issubclass(one, ExpectedError)]
    untyped = [one for one in members if isinstance(one, str) and re.fullmatch(r"[A-Z_]+", one)]
    return {one.code for one in typed if one is not ExpectedError} | set(untyped)


def codes_of_http() -> set[str]:
    """Return the codes named by the HTTP edge, and those of its refusing statuses."""
    source = "\n".join(path.read_text() for path in (ROOT / "graphql_api" / "http").rglob("*.py"))
    refused = re.findall(r"(?:HTTPException|RefusedRequestError|super\(\)\.__init__)\((\d{3}),", source)
    named = re.findall(r'code="([A-Z_]+)"', source)
    return {code_of(status) for status in {*map(int, refused), *OF_ROUTES}} | set(named)


def test_every_code_is_documented() -> None:
    """Each once, and no code without an error is documented."""
    documented = re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT.read_text(), flags=re.MULTILINE)
    assert sorted(documented) == sorted(codes_of_errors() | codes_of_http())
    assert len(codes_of_http()) == 10
