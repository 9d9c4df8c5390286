"""The next step of a finetuning towards its aim.

The cancel mutation and the worker both come through here: there is no second path to the provider.
"""

from graphql_api.documents import Finetuning, Wanted
from graphql_api.engine import training_file
from graphql_api.engine.engine import Engine
from graphql_api.engine.stopping import close_unsubmitted, stop
from graphql_api.engine.training import look_up, submit, watch


async def advance(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Take one step under the lease of ``held``; ``None`` if its write found a change and wrote nothing."""
    job_id, file_id = held.finetuning_job_id, held.finetuning_file_id
    stopping = held.wanted.stops
    if held.status.is_terminal:
        deletes = held.wanted is Wanted.DELETE
        return await (training_file.bury if deletes else training_file.discard)(engine, held)
    if job_id is not None:
        return await (stop if stopping else watch)(engine, held, job_id=job_id)
    if held.submission is not None:
        return await look_up(engine, held, submitted_at=held.submission.marked_at)
    if stopping:
        return await close_unsubmitted(engine, held)
    if file_id is None:
        return await training_file.upload(engine, held)
    if held.file_wait is not None and held.file_wait.processed is False:
        return await training_file.await_processed(engine, held, file_id=file_id)
    return await submit(engine, held, file_id=file_id)
