"""Places in a finetuning's history as clients name them, held against what the history has."""

from graphql_api import inputs
from graphql_api.documents import BadCursorError, Finetuning, ObjectId
from graphql_api.store.history import Place
from graphql_api.store.reads import latest


def place_after(cursor: str | None, *, finetuning_id: ObjectId) -> Place | None:
    """Return the place of the finetuning's cursor, if there is one; raises ``BadUserInputError``."""
    try:
        return None if cursor is None else Place.decode(cursor, of=finetuning_id)
    except BadCursorError as problem:
        raise inputs.bad_cursor(problem) from None


async def reaching(place: Place | None, finetuning: Finetuning) -> Finetuning:
    """Return the finetuning with a history that has come as far as the place.

    A primary that was just elected, or has just lost an election and does not know it, may read less than
    another server has told of. So before a place is refused, MongoDB is asked for what it has for certain.
    Raises ``BadUserInputError``.
    """
    if place is None or place.is_within(finetuning):
        return finetuning
    certain = await latest(finetuning)
    if not place.is_within(certain):
        raise inputs.bad_cursor(BadCursorError("a place that this list has not come to"))
    return certain
