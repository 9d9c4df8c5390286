"""Checks whether the server could listen where its settings say."""

import httpx2

from graphql_api.address import url_of
from graphql_api.composition.finding import Finding
from graphql_api.composition.server import listen
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.http.front import NAME
from graphql_api.store.suitability import Remark

_PATIENCE_S = 2.0
RUNNING = Remark("a server of this program listens there already")


async def address_finding(settings: Settings) -> Finding:
    """Listen for a moment on each address; one taken by a server of ours is only a remark."""
    places = [("HOST, PORT", settings.host, settings.port)]
    if settings.operations_port is not None:
        places.append(
            ("OPERATIONS_HOST, OPERATIONS_PORT", settings.operations_host, settings.operations_port)
        )
    problems = [await _problem(host, port, named=named) for named, host, port in places]
    worst = next((one for one in problems if one and not isinstance(one, Remark)), None)
    looked_at = ", ".join(_place(host, port) for _, host, port in places)
    return Finding(looked_at, worst or next(filter(None, problems), None))


async def _problem(host: str, port: int, *, named: str) -> str | None:
    try:
        with listen(host, port, unread_s=1, named=named):
            return None
    except StartError as taken:
        return RUNNING if port and await _is_ours(url_of(host, port)) else str(taken)


async def _is_ours(url: str) -> bool:
    """Whether a server of this program answers there; its port for operators has no front page."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=_PATIENCE_S) as http:
        try:
            front = await http.get("/", headers={"accept": "application/json"})
            if front.status_code == httpx2.codes.NOT_FOUND:
                return (await http.get("/livez")).text == "ok\n"
            answer = front.json()
        except (httpx2.HTTPError, ValueError):
            return False
    return isinstance(answer, dict) and answer.get("name") == NAME


def _place(host: str, port: int) -> str:
    return f"{host} port {port}" if port else f"{host}, any free port"
