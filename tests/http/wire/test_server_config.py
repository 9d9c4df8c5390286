"""What the connections of one server share."""

from structlog.testing import capture_logs

from graphql_api.http.wire import refusals
from graphql_api.http.wire.budget import Budget
from graphql_api.http.wire.connections import Connections
from graphql_api.http.wire.http_protocol import HttpProtocol
from graphql_api.http.wire.server_config import Wire, WireConfig, wire_of
from graphql_api.throttle import Throttle, ThrottledLog


def wire() -> Wire:
    """Return one whose clock stands still."""
    log = ThrottledLog("wire", throttle=Throttle(now=lambda: 0.0))
    return Wire(head_s=1, body_s=1, unread_s=1, connections=Connections(1), unread=Budget(1), log=log)


def test_the_refusals_of_one_kind_are_one_line_a_second() -> None:
    """Those of another kind have their own."""
    shared = wire()
    with capture_logs() as logs:
        for refusal in [refusals.MALFORMED] * 5 + [refusals.HEAD_TOO_LATE] * 5:
            shared.tell(refusal, client=("127.0.0.1", 1), request_id="an-id")
    assert [line["kind"] for line in logs] == [refusals.MALFORMED.detail, refusals.HEAD_TOO_LATE.detail]


def test_the_protocols_find_it_in_the_configuration() -> None:
    """Uvicorn hands it to each of them."""
    shared = wire()

    async def app(*_: object) -> None:
        """Answer nothing."""

    config = WireConfig(app, wire=shared, http=HttpProtocol)
    assert wire_of(config) is shared
