"""By what a provider's job is known as a finetuning's: our ids in its metadata, and its training file."""

from collections.abc import Sequence

from graphql_api.documents import Finetuning
from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY, ProviderJob


def files_of(finetuning: Finetuning) -> Sequence[str]:
    """Return every training file that a create call of this finetuning can have named.

    Those of a finetuning that was stored by an older version may be known by the latest alone.
    """
    known = [*finetuning.training_files, finetuning.finetuning_file_id]
    return [file_id for file_id in dict.fromkeys(known) if file_id]


def is_marked(job: ProviderJob, finetuning: Finetuning) -> bool:
    """Whether the job shows the metadata that a create call of this finetuning sends."""
    return job.metadata.get(FINETUNING_ID_KEY) == str(finetuning.id) and DEPLOYMENT_KEY in job.metadata


async def latest_marks_are_lost() -> bool:
    """Return whether the newest job of which that is known came back without its metadata."""
    collection = Finetuning.get_pymongo_collection()
    latest = await collection.find_one({"marks_kept": {"$type": "bool"}}, ["marks_kept"], sort=[("_id", -1)])
    return latest is not None and latest["marks_kept"] is False
