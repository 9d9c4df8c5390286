"""Chats with one question and one answer."""

from typing import Any

import pytest

from graphql_api.transfer.chats import opened
from graphql_api.transfer.records import FieldError


def chat(*turns: tuple[str, Any]) -> dict[str, Any]:
    """Return an object with a message for each role and content."""
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def test_each_role_becomes_a_field() -> None:
    """Content may be in parts; other fields stay, and so does an object without messages."""
    given = {"id": 7, **chat(("developer", "Tables"), ("user", "Who?"), ("assistant", "SELECT 1"))}
    assert opened(given) == {"id": 7, "system": "Tables", "user": "Who?", "assistant": "SELECT 1"}
    parts = [{"type": "text", "text": "Wh"}, {"type": "text", "text": "o?"}]
    assert opened(chat(("user", parts), ("assistant", "b"))) == {"user": "Who?", "assistant": "b"}
    assert opened({"sql": "a"}) == {"sql": "a"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            chat(("user", "a"), ("user", "b")),
            "messages has two of the role user; a golden record is one question",
        ),
        (chat(("tool", "a")), "messages has the role 'tool'; there are system, developer, user, assistant"),
        (chat(("user", None)), "messages: content must be a text"),
        (chat(("user", [])), "messages: content must be a text"),
        (chat(("user", [{"type": "image_url"}])), "messages: content must be a text"),
        (
            {"messages": []},
            "messages must have a question of the role user and its SQL of the role assistant",
        ),
        (chat(("user", "a")), "messages must have a question of the role user and its SQL "),
        ({"messages": "a"}, "messages must be a list of objects with role and content"),
        ({"messages": None}, "messages must be a list of objects with role and content"),
    ],
)
def test_any_other_chat_is_refused(given: dict[str, Any], told: str) -> None:
    """With the reason."""
    with pytest.raises(FieldError) as wrong:
        opened(given)
    assert str(wrong.value).startswith(told)
