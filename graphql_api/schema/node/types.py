"""The interface of all that has an id of its own and can be fetched again by it."""

from typing import Any, ClassVar

import strawberry

from graphql_api.documents.paging import DatedDocument


@strawberry.interface(
    name="Node", description="Something with an id of its own, to be fetched again by `node`."
)
class NodeType:
    """The ids of a document; a type that shows one names its class in ``shows``."""

    shows: ClassVar[type[DatedDocument]]

    id: strawberry.ID = strawberry.field(description="Its id, unique among all nodes.")
    node_id: strawberry.ID = strawberry.field(
        description="Its type and its id, such as `Finetuning:65f0c0ffee65f0c0ffee65f0`: `node` finds it "
        "with one look."
    )

    @classmethod
    def is_type_of(cls, shown: Any, _info: Any) -> bool:
        """Return whether the type shows this document."""
        return isinstance(shown, cls.shows)
