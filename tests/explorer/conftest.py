"""What the tests of GraphiQL need; where a part is missing they are skipped, and say which."""

from pathlib import Path

import pytest

from graphql_api.http.graphiql import ASSETS, PAGE


@pytest.fixture(scope="session")
def built_page() -> Path:
    """Return the page that was built into this checkout."""
    page = ASSETS / PAGE
    if not page.is_file():
        pytest.skip("GraphiQL is not built: run make dev with Node.js 20.19, 22.12 or newer on PATH")
    return page
