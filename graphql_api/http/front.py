"""``/``: the way to the console for browsers; the server's name, version and addresses for programs."""

from collections.abc import Callable, Collection, Iterator, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from graphql_api import __version__
from graphql_api.http.accept import HTML, JSON, negotiate

NAME = "Finetuning GraphQL API"
PARTS = {
    "console": ("/console", "the console, for browsers"),
    "graphql": ("/graphql", "GraphQL"),
    "schema": ("/schema.graphql", "the schema, for code generators"),
    "health": ("/readyz", "whether it can do its work"),
    "metrics": ("/metrics", "its metrics, for Prometheus"),
}
PAGE_FOR_BROWSERS = "; for browsers GraphiQL, with the documentation of every field"
CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto }}</style>
<h1>{name} {version}</h1>
<p>Creates, watches and cancels fine-tuning jobs made of golden records.</p>
<ul>
{parts}
</ul>
</html>
"""


def front_endpoint(*, hidden: Collection[str] = ()) -> Callable[[Request], Response]:
    """Return the endpoint: JSON without the ``hidden`` parts; for browsers the console, or a page of links.

    Its addresses are relative, because a proxy may serve the server under a prefix.
    """
    shown = {name: part for name, part in PARTS.items() if name not in hidden}
    page = PAGE.format(name=NAME, version=__version__, parts="\n".join(_links(shown)))
    paths = {name: path for name, (path, _) in shown.items()}
    told = orjson.dumps({"name": NAME, "version": __version__, **paths})

    def endpoint(request: Request) -> Response:
        if negotiate(request.headers.get("accept", ""), (JSON, HTML)) == HTML:
            if "console" in shown:
                return Response(status_code=307, headers={"Location": "console", "Vary": "Accept"})
            return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Vary": "Accept"})
        return Response(told, headers={"Vary": "Accept"}, media_type=JSON)

    return endpoint


def _links(shown: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for name, (path, what) in shown.items():
        more = PAGE_FOR_BROWSERS if name == "graphql" and "schema" in shown else ""
        yield f'<li><a href="{path[1:]}">{path}</a>: {what}{more}</li>'
