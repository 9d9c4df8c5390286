"""Arguments that several fields take, and what an absent one means."""

from typing import Annotated, TypeVar

import strawberry

from graphql_api.finetunings.inputs import LONGEST_KEY, LONGEST_VALUE, MOST_PAIRS

T = TypeVar("T")

METADATA_RULES = (
    f"A map of strings to strings to keep with it: at most {MOST_PAIRS} pairs, "
    f"keys of at most {LONGEST_KEY} and values of at most {LONGEST_VALUE} characters."
)

DocumentId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The id, 24 hexadecimal digits.")
]
FinetuningId = Annotated[
    strawberry.ID, strawberry.argument(description="The finetuning's id, 24 hexadecimal digits.")
]
DbConnectionFilter = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only those of this database connection.")
]


def optional(value: T) -> T:
    """Return the value of an optional argument; absent and null are the same."""
    return None if value is strawberry.UNSET else value  # type: ignore[return-value]  # T includes None
