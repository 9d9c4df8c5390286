"""Shapes of records: which field of a file's object is the question, and which the SQL."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql_api.catalogue.golden_records import checked
from graphql_api.errors import BadUserInputError
from graphql_api.inputs import LONGEST_KEY, LONGEST_VALUE, MOST_PAIRS
from graphql_api.transfer.chats import opened as opened_chat
from graphql_api.transfer.records import FieldError, FileError

Content = Mapping[str, Any]

METADATA = "metadata"
TARGETS = ("prompt_text", "sql", METADATA)
"""What a field can become."""

PLAIN = (str, int, float)  # bool is an int
"""The types of values with one obvious text."""


def _as_it_is(content: Content) -> Content:
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where the parts of a golden record are; ``opened`` may first give an object other fields.

    ``prompt`` are the fields of the question, joined by a blank line; all but the first may be absent.
    """

    name: str
    prompt: tuple[str, ...]
    sql: str
    metadata: tuple[str, ...] = ()
    opened: Callable[[Content], Content] = field(default=_as_it_is, repr=False)

    def __str__(self) -> str:
        kept = f", {' + '.join(self.metadata)} -> metadata" if self.metadata else ""
        return f"{self.name}: {' + '.join(self.prompt)} -> prompt_text, {self.sql} -> sql{kept}"

    def fits(self, content: Content) -> bool:
        """Whether the object has what a golden record needs."""
        try:
            given = self.opened(content)
        except FieldError:  # it is of this shape, but wrong
            return True
        return self.prompt[0] in given and self.sql in given

    def fields(self, content: Content, *, keeps_rest: bool) -> tuple[dict[str, Any], list[str]]:
        """Return a golden record's fields by GraphQL's names, and the object's fields that it leaves out.

        Raises ``FieldError``.
        """
        given = {name: value for name, value in self.opened(content).items() if value is not None}
        used = {*self.prompt, self.sql, *self.metadata}
        rest = {name: value for name, value in given.items() if name not in used}
        kept = _kept(given, self.metadata)
        is_map = isinstance(kept, dict | None)  # the check below refuses any other
        added = _fitting(rest, kept or {}) if keeps_rest and is_map else {}
        found = {
            "prompt_text": _joined(given, self.prompt),
            "sql": _needed(given, self.sql),
            "metadata": {**added, **(kept or {})} if added else kept,
        }
        try:
            right = checked(found)
        except BadUserInputError as wrong:
            raise FieldError(wrong.message) from None
        record = {"promptText": right["prompt_text"], "sql": right["sql"], "metadata": right["metadata"]}
        return record, [name for name in rest if name not in added]


def _own(content: Content) -> Content:
    """Return the object with Python's name of the question instead of GraphQL's."""
    if "promptText" not in content:
        return content
    if "prompt_text" in content:
        raise FieldError("prompt_text and promptText are the same field")
    return {"prompt_text" if name == "promptText" else name: value for name, value in content.items()}


OWN = Shape(
    name="golden records",
    prompt=("prompt_text",),
    sql="sql",
    metadata=("db_name", "dialect", METADATA),
    opened=_own,
)

KNOWN = (
    OWN,
    Shape(name="Spider", prompt=("question",), sql="query", metadata=("db_id",)),
    Shape(
        name="question and SQL",
        prompt=("question",),
        sql="sql",
        metadata=("db_id", "db_name", "dialect", METADATA),
    ),
    Shape(name="BIRD", prompt=("question", "evidence"), sql="SQL", metadata=("db_id",)),
    Shape(name="sql-create-context", prompt=("question", "context"), sql="answer"),
    Shape(name="chat messages", prompt=("user",), sql="assistant", opened=opened_chat),
    Shape(name="instructions", prompt=("instruction", "input"), sql="output"),
)
"""The shapes that are recognised; the first one that fits is taken."""


def shape_of(content: Content) -> Shape:
    """Return the known shape of the object; raises ``FileError``."""
    for shape in KNOWN:
        if shape.fits(content):
            return shape
    names = ", ".join(repr(name[:LONGEST_KEY]) for name in list(content)[:MOST_PAIRS])
    raise FileError(
        f"the fields {names} are of no known shape; name the question's and the SQL's with "
        "--map FIELD=prompt_text --map FIELD=sql"
    )


def mapped(pairs: Sequence[tuple[str, str]]) -> Shape:
    """Return the shape by these fields and their targets; a part without a pair has its own name."""
    by_target = {target: [name for name, to in pairs if to == target] for target in TARGETS}
    return Shape(
        name="--map",
        prompt=tuple(by_target["prompt_text"] or ["prompt_text"]),
        sql=(by_target["sql"] or ["sql"])[0],
        metadata=tuple(by_target[METADATA] or [METADATA]),
    )


def _needed(given: Content, name: str) -> Any:
    if name not in given:
        raise FieldError(f"{name} is missing")
    return given[name]


def _joined(given: Content, names: Sequence[str]) -> Any:
    """Return the texts of these fields with blank lines between them."""
    _needed(given, names[0])
    parts = {name: given[name] for name in names if name in given}
    for name, part in parts.items():
        if not isinstance(part, str):
            raise FieldError(f"{name} must be a string.")
    return "\n\n".join(part for part in parts.values() if part.strip())


def _kept(given: Content, names: Sequence[str]) -> Any:
    """Return the metadata of these fields; what is in an object of metadata wins."""
    whole = given.get(METADATA) if METADATA in names else None
    if not isinstance(whole, dict | None):
        return whole  # the check refuses it
    single = {name: given[name] for name in names if name in given and name != METADATA}
    if whole is None and not single:
        return None
    return {name: text(value) for name, value in {**single, **(whole or {})}.items() if value is not None}


def _fitting(rest: Content, kept: Content) -> dict[str, str]:
    """Return the fields that metadata has room for."""
    plain = {name: text(value) for name, value in rest.items() if isinstance(value, PLAIN)}
    fitting = [
        (name, value)
        for name, value in plain.items()
        if name not in kept and 0 < len(name) <= LONGEST_KEY and len(value) <= LONGEST_VALUE
    ]
    return dict(fitting[: MOST_PAIRS - len(kept)])


def text(value: Any) -> Any:
    """Return a number's or a boolean's text as JSON has it; anything else as it is."""
    return json.dumps(value) if isinstance(value, PLAIN) and not isinstance(value, str) else value
