"""Clients' places in a finetuning's history, with their checks."""

from graphql_api import inputs
from graphql_api.documents import BadCursorError, Finetuning, ObjectId
from graphql_api.store.history import Place
from graphql_api.store.reads import latest


def place_after(cursor: str | None, *, finetuning_id: ObjectId, name: str = "after") -> Place | None:
    """Return the place of the finetuning's cursor, if there is one; raises ``BadUserInputError``."""
    try:
        return None if cursor is None else Place.decode(cursor, of=finetuning_id)
    except BadCursorError as problem:
        raise inputs.bad_cursor(problem, name=name) from None


async def reaching(place: Place | None, finetuning: Finetuning, *, name: str = "after") -> Finetuning:
    """Return the finetuning with a history at least up to the place.

    A newly elected primary, or an old one unaware of its lost election, may show less than another server has
    already answered. So a place is refused only after a linearizable read. Raises ``BadUserInputError``.
    """
    if place is None or place.is_within(finetuning):
        return finetuning
    certain = await latest(finetuning)
    if not place.is_within(certain):
        raise inputs.bad_cursor(BadCursorError("a place beyond the end of this list"), name=name)
    return certain
