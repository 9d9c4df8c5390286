"""Clients' places in a history: the good ones, and the read before a refusal."""

import pytest
from beanie import PydanticObjectId

from graphql_api.errors import BadUserInputError
from graphql_api.following.resume_points import place_after, reaching
from graphql_api.store.history import Place
from tests.stages import ask
from tests.world import World


def test_a_cursor_gives_back_its_place() -> None:
    """No cursor is no place."""
    finetuning_id = PydanticObjectId()
    cursor = Place(own=2, provider=7).encode(of=finetuning_id)
    assert place_after(cursor, finetuning_id=finetuning_id) == Place(own=2, provider=7)
    assert place_after(None, finetuning_id=finetuning_id) is None


def test_a_cursor_of_another_finetuning_is_refused() -> None:
    """The error names both."""
    theirs, ours = PydanticObjectId(), PydanticObjectId()
    with pytest.raises(BadUserInputError) as refusal:
        place_after(Place().encode(of=theirs), finetuning_id=ours)
    assert refusal.value.details == {"argument": "after"}
    assert refusal.value.message == f"after is a cursor of the events of finetuning {theirs}, not of {ours}."


async def test_a_copy_that_reaches_the_place_is_good_enough(world: World) -> None:
    """The same object comes back, although MongoDB has a newer one."""
    created = await world.create()
    await ask(world, created)
    assert await reaching(None, created) is created
    assert await reaching(Place(own=1), created) is created


async def test_an_older_copy_is_read_again(world: World) -> None:
    """A place beyond it may be one that another server has handed out."""
    created = await world.create()
    await ask(world, created)
    newest = await world.read(created)
    assert (len(created.timeline), len(newest.timeline)) == (1, 3)
    assert await reaching(Place(own=3), created) == newest


@pytest.mark.parametrize("place", [Place(own=2), Place(own=1, provider=1)], ids=["own", "provider"])
async def test_a_place_beyond_the_newest_copy_is_refused(world: World, place: Place) -> None:
    """This holds for our own events and for the provider's lines."""
    with pytest.raises(BadUserInputError) as refusal:
        await reaching(place, await world.create())
    assert refusal.value.message == "after is a place beyond the end of this list."
