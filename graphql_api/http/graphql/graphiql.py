"""GraphiQL for browsers: the page and its files, built from ``graphiql/``."""

from collections.abc import Callable
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphql_api.http.page_files import PAGE, PageFiles, answer_page

log = structlog.get_logger(__name__)

ASSETS = Path(__file__).with_name("graphiql_assets")

OWN_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; worker-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page loads from this server and sends to this server only; the editor needs inline styles."""

CDN_CSP = (
    "default-src 'none'; script-src 'unsafe-inline' https://unpkg.com; "
    "style-src 'unsafe-inline' https://unpkg.com; font-src data:; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The needs of Strawberry's page: scripts of a CDN, each checked by its digest, and an inline script."""


def warn_unless_built(directory: Path = ASSETS) -> None:
    """Log a missing page; a server for people calls this, a demo without a browser does not."""
    if not (directory / PAGE).is_file():
        log.warning("GraphiQL was not built: browsers get a page that loads its scripts from a CDN")


class GraphiQL:
    """Serves the page built into ``directory``, or without one, a given page."""

    def __init__(self, directory: Path = ASSETS) -> None:
        self._files = PageFiles(directory, policy=OWN_CSP)

    @property
    def routes(self) -> list[Route]:
        """The routes of the page's files."""
        return [Route("/graphiql/{name}", self._files.asset)] if self._files.has_page else []

    def page(self, *, instead: str) -> Callable[[Request], Response]:
        """Return the endpoint of the page, to be served at the address of GraphQL; the file is read once.

        ``instead`` is the page without files.
        """
        is_own = self._files.has_page
        html = self._files.page if is_own else instead.encode()
        policy = OWN_CSP if is_own else CDN_CSP

        def answer(request: Request) -> Response:
            # The same address answers queries.
            return answer_page(html, request, policy=policy, vary="accept")

        return answer
