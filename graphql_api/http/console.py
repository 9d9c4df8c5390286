"""The console for browsers at ``/console``: the page and its files, built from ``console/``."""

from pathlib import Path

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphql_api.http.page_files import PAGE, PageFiles, answer_page

log = structlog.get_logger(__name__)

PATH = "/console"
ASSETS = Path(__file__).with_name("console_assets")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
"""The page loads from this server and sends to this server only."""

NOT_BUILT = "The console was not built, that needs Node.js 20.19, 22.12 or newer and npm."
_BASE = b'<base href="assets/" />'
"""In the built page, the address of its files."""


def warn_unless_built(directory: Path = ASSETS) -> None:
    """Log a missing page."""
    if not (directory / PAGE).is_file():
        log.warning("The console was not built: browsers get a list of links instead")


class Console:
    """Serves the page built into ``directory``, at the address of each of its states."""

    def __init__(self, directory: Path = ASSETS) -> None:
        self._files = PageFiles(directory, policy=CSP)
        self._html = self._files.page if self._files.has_page else b""

    @property
    def is_built(self) -> bool:
        """Whether there is a page."""
        return self._files.has_page

    @property
    def routes(self) -> list[Route]:
        """The routes of the page and its files."""
        files = [Route(f"{PATH}/assets/{{name}}", self._files.asset)] if self.is_built else []
        return [*files, Route(PATH, self._page), Route(f"{PATH}/{{state:path}}", self._page)]

    def _page(self, request: Request) -> Response:
        """Answer any state with the page; its script reads the state from the address."""
        if not self.is_built:
            raise HTTPException(404, NOT_BUILT)
        html = self._html.replace(_BASE, _base_at(_path_of(request)))
        return answer_page(html, request, policy=CSP, vary="accept-encoding")


def _path_of(request: Request) -> str:
    """Return the path as the browser has it: there, an encoded slash divides nothing."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.split(b"?")[0].decode("latin-1")


def _base_at(path: str) -> bytes:
    """Return the address of the files as seen from this path: a proxy may put the server under a prefix."""
    _, _, state = path.partition(f"{PATH}/")
    up = "../" * state.count("/") if path != PATH else "console/"
    return f'<base href="{up}assets/" />'.encode()
