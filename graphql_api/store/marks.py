"""A job's marks: our ids and the training file."""

from collections.abc import Sequence

from graphql_api.documents import Finetuning
from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY, ProviderJob


def files_of(finetuning: Finetuning) -> Sequence[str]:
    """Return every training file possibly named by a create call of this finetuning.

    For a finetuning stored by an older version, only the latest may be known.
    """
    known = [*finetuning.training_files, finetuning.finetuning_file_id]
    return [file_id for file_id in dict.fromkeys(known) if file_id]


def is_marked(job: ProviderJob, finetuning: Finetuning) -> bool:
    """Whether the job shows the metadata of this finetuning's create call."""
    return job.metadata.get(FINETUNING_ID_KEY) == str(finetuning.id) and DEPLOYMENT_KEY in job.metadata


async def latest_marks_are_lost() -> bool:
    """Return whether the newest job, of those with a known answer, came back without its metadata."""
    collection = Finetuning.get_pymongo_collection()
    latest = await collection.find_one({"marks_kept": {"$type": "bool"}}, ["marks_kept"], sort=[("_id", -1)])
    return latest is not None and latest["marks_kept"] is False
