"""The messages of an event stream."""

from graphql_api.transfer.server_events import messages


def test_messages_come_with_their_kind_and_data() -> None:
    """A ping is none, several lines of data are one, and the rest of a broken-off message is dropped."""
    lines = [
        ":",
        "",
        "event: next",
        "data: {",
        "data: }",
        "",
        "data:x",
        "",
        "id: 1",
        "",
        "event: next",
        "data: y",
    ]
    assert list(messages(lines)) == [("next", "{\n}"), ("message", "x")]
