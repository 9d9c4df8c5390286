"""The files of a page that a build has left in the package."""

import gzip
import re
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from graphql_api.http.accept import decodes

PAGE = "index.html"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".md": "text/markdown", ".ttf": "font/ttf"}
_WITH_DIGEST = re.compile(r"-[\w-]{8}\.\w+")


class PageFiles:
    """Serves the files of ``directory``, each under this policy."""

    def __init__(self, directory: Path, *, policy: str) -> None:
        files = [*directory.iterdir()] if directory.is_dir() else []
        self._files = {file.name.removesuffix(".gz"): file for file in files}
        self._policy = policy

    @property
    def has_page(self) -> bool:
        """Whether the page was built."""
        return PAGE in self._files

    @property
    def page(self) -> bytes:
        """The page itself, as it is on the disk."""
        return self._files[PAGE].read_bytes()

    def asset(self, request: Request) -> Response:
        """Answer with the file in the path's ``name``."""
        name = request.path_params["name"]
        if Path(name).suffix not in MEDIA_TYPES or name not in self._files:
            raise HTTPException(404, "There is no such file.")
        headers = {
            "cache-control": "max-age=31536000, immutable" if _WITH_DIGEST.search(name) else "no-cache",
            "content-security-policy": self._policy,  # a worker obeys the policy of its own script
            "vary": "accept-encoding",
        }
        try:
            content = self._files[name].read_bytes()
        except FileNotFoundError:
            raise HTTPException(404, "The page was built anew: restart the server.") from None
        if decodes(request.headers.get("accept-encoding", ""), "gzip"):
            headers["content-encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, headers=headers, media_type=MEDIA_TYPES[Path(name).suffix])


def answer_page(html: bytes, request: Request, *, policy: str, vary: str) -> Response:
    """Answer with a page, which is asked for again each time; say 304 to a browser that has it."""
    etag = f'"{sha256(html).hexdigest()[:32]}"'
    headers = {
        "cache-control": "no-cache",
        "content-security-policy": policy,
        "etag": etag,
        "vary": vary,
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(html, headers=headers)
