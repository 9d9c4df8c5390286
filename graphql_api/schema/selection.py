"""What a field's selection asks of each document, so that no more is read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, Node

from graphql_api import inputs
from graphql_api.documents import DbConnection, Finetuning, GoldenRecord
from graphql_api.documents.paging import DatedDocument
from graphql_api.store import reads
from graphql_api.tenancy import TenantScope

D = TypeVar("D", bound=DatedDocument)

LARGE: Mapping[type[DatedDocument], Mapping[str, str]] = {
    DbConnection: {"tableSchemas": "table_schemas"},
    Finetuning: {
        "goldenRecords": "golden_records",
        "dataset": "dataset",
        "events": "timeline",
        "checkpoints": "checkpoints",
    },
    GoldenRecord: {"promptText": "prompt_text", "sql": "sql"},
}
"""The large parts of documents, each by the one field of the schema that shows it."""

Selected = Mapping[str, list[FieldNode]]


def of_field(info: Any) -> Selected:
    """Return the fields selected below the field that is resolved, by their names."""
    return _below(_raw(info).field_nodes, _raw(info).fragments)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSelection:
    """What is selected of a page: fields of its entries, if any is shown, and what lies round it."""

    entries: Selected | None
    has_next: bool
    has_previous: bool
    total: bool

    @classmethod
    def of(cls, info: Any) -> "PageSelection":
        """Return the selection below the connection that is resolved."""
        fragments = _raw(info).fragments
        page = of_field(info)
        entries = [*page.get("nodes", ()), *_below(page.get("edges", ()), fragments).get("node", ())]
        place = _below(page.get("pageInfo", ()), fragments)
        return cls(
            entries=_below(entries, fragments) if entries else None,
            has_next="hasNextPage" in place,
            has_previous="hasPreviousPage" in place,
            total="totalCount" in page,
        )


def unasked(kind: type[DatedDocument], selected: Selected) -> list[str]:
    """Return the large parts of the documents that the selection does not show."""
    return [part for field, part in LARGE.get(kind, {}).items() if field not in selected]


async def look_up(kind: type[D], document_id: str, *, info: Any) -> D | None:
    """Return what is selected of the caller's document; raises ``BadUserInputError`` for a malformed id."""
    return await reads.find(
        kind,
        inputs.object_id(document_id, name="id"),
        scope=TenantScope.of(info.context.caller),
        without=unasked(kind, of_field(info)),
    )


def _below(nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> Selected:
    """Return the fields in the selections of all these nodes; each fragment is read once."""
    found: defaultdict[str, list[FieldNode]] = defaultdict(list)
    seen = set[str]()
    ahead: list[Node] = list(nodes)
    while ahead:
        selections = getattr(ahead.pop(), "selection_set", None)
        for one in selections.selections if selections else ():
            if isinstance(one, FieldNode):
                found[one.name.value].append(one)
            elif not isinstance(one, FragmentSpreadNode):
                ahead.append(one)
            elif one.name.value not in seen:
                seen.add(one.name.value)
                ahead.append(fragments[one.name.value])
    return found


def _raw(info: Any) -> Any:
    return info._raw_info  # noqa: SLF001  Strawberry's own form of a selection has all arguments, too
