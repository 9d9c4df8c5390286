"""Chats as OpenAI's training files have them, each with one question and one answer."""

from collections.abc import Mapping
from typing import Any

from graphql_api.transfer.records import FieldError

ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
"""The names of the fields that the messages become."""

NEEDED = {"user", "assistant"}


def opened(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object with a field for each role in the place of its messages; raises ``FieldError``."""
    if "messages" not in content:
        return content
    turns = dict[str, str]()
    messages = content["messages"]
    for message in messages if isinstance(messages, list) else [messages]:
        role, text = _turn(message)
        if role in turns:
            raise FieldError(
                f"messages has two of the role {role}; a golden record is one question and its SQL"
            )
        turns[role] = text
    if not turns.keys() >= NEEDED:
        raise FieldError("messages must have a question of the role user and its SQL of the role assistant")
    rest = {name: value for name, value in content.items() if name != "messages"}
    return {**rest, **turns}


def _turn(message: object) -> tuple[str, str]:
    """Return the role and the text of a message."""
    if not isinstance(message, dict):
        raise FieldError("messages must be a list of objects with role and content")
    role = ROLES.get(str(message.get("role")))
    if role is None:
        raise FieldError(
            f"messages has the role {str(message.get('role'))[:40]!r}; there are {', '.join(ROLES)}"
        )
    return role, _text(message.get("content"))


def _text(content: object) -> str:
    """Return a message's content; it may be in parts."""
    parts = content if isinstance(content, list) else [{"text": content}]
    texts = [part.get("text") if isinstance(part, dict) else None for part in parts]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise FieldError("messages: content must be a text")
    return "".join(str(text) for text in texts)
