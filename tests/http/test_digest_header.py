"""The header of the digest: a part of the interface."""

from graphql_api.http.digest_header import DIGEST_HEADER
from tests.snippets import ROOT


def test_the_header_is_documented() -> None:
    """A client of any language reads it."""
    assert f"`{DIGEST_HEADER}`" in (ROOT / "docs" / "rest.md").read_text()
