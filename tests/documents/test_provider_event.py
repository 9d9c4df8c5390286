"""Stored lines of a provider's log.

The tests hold their numbers, their identity and their ranges.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import FinetuningEventKind, LineRange, ProviderEvent, TrainingMetrics, identity_of
from graphql_api.store.database import Database

AT = datetime(2026, 1, 1, tzinfo=UTC)
OWNER = PydanticObjectId()


def line(number: int, **given: Any) -> ProviderEvent:
    """Return a line with this number, and anything else as the test says."""
    told = {"event_id": f"ev-{number}", "at": AT, "level": "info", "message": "Step", **given}
    return ProviderEvent(
        id=PydanticObjectId(),
        finetuning_id=OWNER,
        number=number,
        kind=FinetuningEventKind.PROVIDER_METRICS,
        **told,
    )


def test_only_known_numbers_are_kept() -> None:
    """A name of the provider's own is left out."""
    told = {"step": 3.0, "total_steps": 9, "train_loss": 0.5, "valid_loss": 0.25, "own": 1.0}
    assert TrainingMetrics.of(told) == TrainingMetrics(step=3, total_steps=9, train_loss=0.5, valid_loss=0.25)
    assert TrainingMetrics.of({}) == TrainingMetrics()


@pytest.mark.parametrize(("told", "kept"), [(-1, None), (0, 0), (2**31 - 1, 2**31 - 1), (2**31, None)])
def test_a_step_fits_into_graphqls_integer(told: int, kept: int | None) -> None:
    """A number outside of it is left out, and the rest is kept."""
    assert TrainingMetrics.of({"step": told, "train_loss": 1}) == TrainingMetrics(step=kept, train_loss=1)


async def test_the_identity_is_that_of_the_answer(database: Database) -> None:
    """A stored line is known by all it says; the epoch stands for a missing time."""
    metrics = TrainingMetrics(step=1, train_loss=0.5)
    stored = line(0, metrics=metrics)
    assert stored.identity == identity_of("ev-0", AT, "info", "Step", metrics)
    timeless = line(0, at=datetime(1970, 1, 1, tzinfo=UTC))
    assert timeless.identity == identity_of("ev-0", None, "info", "Step", None)
    for other in (line(0), line(0, level="warn", metrics=metrics), line(0, message="", metrics=metrics)):
        assert other.identity.text != stored.identity.text


async def test_a_range_ends_before_its_stop(database: Database) -> None:
    """The filter and the look at one line agree; other finetunings' lines are outside."""
    lines = [line(number) for number in range(4)]
    stranger = line(1).model_copy(update={"finetuning_id": PydanticObjectId()})
    await ProviderEvent.insert_many([*lines, stranger])
    which = LineRange(OWNER, 1, 3)
    found = await ProviderEvent.find(which.where).to_list()
    assert sorted(one.number for one in found) == [1, 2]
    assert [one.number for one in [*lines, stranger] if which.has(one)] == [1, 2]
