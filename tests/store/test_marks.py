"""A job's marks: its file and its metadata.

They show a job to be ours.
"""

from typing import Any

import pytest

from exploration.samples import FILE, job
from graphql_api.store.marks import files_of, is_marked, latest_marks_are_lost
from tests.stages import Stage, held_at
from tests.world import World


async def test_every_file_is_named_once(world: World) -> None:
    """The oldest first; an older version knew only the latest."""
    held = await held_at(world, Stage.UPLOADED)
    assert files_of(held) == [FILE]
    assert files_of(held.model_copy(update={"training_files": []})) == [FILE]
    assert files_of(held.model_copy(update={"training_files": ["file-0", FILE]})) == ["file-0", FILE]
    assert files_of(held.model_copy(update={"training_files": [], "finetuning_file_id": None})) == []


async def test_a_job_is_marked_by_both_ids(world: World) -> None:
    """Our finetuning's, and any deployment's."""
    held = await held_at(world, Stage.ATTACHED)
    ours, deployment = {"finetuning_id": str(held.id)}, {"finetuning_deployment": "a"}
    assert is_marked(job(metadata=ours | deployment), held) is True
    for metadata in ({}, ours, deployment, {"finetuning_id": "other"} | deployment):
        assert is_marked(job(metadata=metadata), held) is False


@pytest.mark.parametrize(
    ("kept", "are_lost"), [([], False), ([None], False), ([True, False, None], True), ([False, True], False)]
)
async def test_the_newest_known_answer_decides(world: World, kept: list[Any], are_lost: bool) -> None:
    """A finetuning without a job says nothing."""
    for marks_kept in kept:
        created = await world.create()
        given = {"$set": {"marks_kept": marks_kept}}
        await world.database["finetunings"].update_one({"_id": created.id}, given)
    assert await latest_marks_are_lost() is are_lost
