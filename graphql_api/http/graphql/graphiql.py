"""GraphiQL for browsers: the page and its files, built from ``graphiql/``."""

import gzip
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from graphql_api.http.accept import decodes

log = structlog.get_logger(__name__)

ASSETS = Path(__file__).with_name("graphiql_assets")
PAGE = "index.html"

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

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".md": "text/markdown", ".ttf": "font/ttf"}
_WITH_DIGEST = re.compile(r"-[\w-]{8}\.\w+")


def warn_unless_built(directory: Path = ASSETS) -> None:
    """Log a missing page; a server for people calls this, a demo without a browser does not."""
    if not (directory / PAGE).is_file():
        log.warning("GraphiQL was not built: browsers get a page that loads its scripts from a CDN")


class GraphiQL:
    """Serves the page built into ``directory``, or without one, a given page."""

    def __init__(self, directory: Path = ASSETS) -> None:
        files = [*directory.iterdir()] if directory.is_dir() else []
        self._files = {file.name.removesuffix(".gz"): file for file in files}

    @property
    def _own(self) -> bool:
        return PAGE in self._files

    @property
    def routes(self) -> list[Route]:
        """The routes of the page's files."""
        return [Route("/graphiql/{name}", self._asset)] if self._own else []

    def page(self, *, instead: str) -> Callable[[Request], Response]:
        """Return the endpoint of the page, to be served at the address of GraphQL; the file is read once.

        ``instead`` is the page without files.
        """
        html = self._files[PAGE].read_bytes() if self._own else instead.encode()
        etag = f'"{sha256(html).hexdigest()[:32]}"'
        headers = {
            "cache-control": "no-cache",
            "content-security-policy": OWN_CSP if self._own else CDN_CSP,
            "etag": etag,
            "vary": "accept",  # the same address answers queries
        }

        def answer(request: Request) -> Response:
            if etag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            return HTMLResponse(html, headers=headers)

        return answer

    def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if Path(name).suffix not in MEDIA_TYPES or name not in self._files:
            raise HTTPException(404, "There is no such file.")
        headers = {
            "cache-control": "max-age=31536000, immutable" if _WITH_DIGEST.search(name) else "no-cache",
            "content-security-policy": OWN_CSP,  # a worker obeys the policy of its own script
            "vary": "accept-encoding",
        }
        content = self._files[name].read_bytes()
        if decodes(request.headers.get("accept-encoding", ""), "gzip"):
            headers["content-encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, headers=headers, media_type=MEDIA_TYPES[Path(name).suffix])
