"""The steps about the training file: upload what a finetuning needs, remove what nobody needs any more."""

from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.errors import ExpectedError
from graphql_api.finetunings.dataset import build_dataset, file_name, file_prefix
from graphql_api.finetunings.engine import Engine
from graphql_api.finetunings.reconcile import refused
from graphql_api.providers.port import ProviderFault, RejectedError

MOST_REMOVAL_FAULTS = 20
"""After this many failures the removal of a file that nobody needs is given up."""


async def upload(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Freeze the dataset and upload it; a file that an earlier try has left there is used instead."""
    try:
        content, dataset = await build_dataset(held)
    except ExpectedError as gone:
        return await engine.store.close(held, FinetuningStatus.FAILED, error=gone.message)
    frozen = await engine.store.freeze_dataset(held, dataset)
    if frozen is None:
        return None
    provider, name = engine.provider_of(held), file_name(held, dataset)
    tried_before = held.dataset is not None
    try:
        found = await provider.find_training_files(prefix=name) if tried_before else []
        file_id = found[0] if found else await provider.upload_training_file(content, filename=name)
    except RejectedError as fault:
        return await refused(engine, frozen, fault)
    except ProviderFault as fault:
        return await engine.record_fault(frozen, fault)
    return await engine.store.attach_file(frozen, file_id)


async def discard(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Remove the training file of a finetuning that ended before it was used; best effort, retried."""
    if held.leftover_file is None or held.faults > MOST_REMOVAL_FAULTS:
        return await engine.store.retire(held)
    provider, known = engine.provider_of(held), held.leftover_file.file_id
    try:
        file_ids = [known] if known else await provider.find_training_files(prefix=file_prefix(held))
        for file_id in file_ids:
            await provider.delete_training_file(file_id)
    except ProviderFault as fault:
        return await engine.record_fault(held, fault)
    return await engine.store.forget_leftover(held)
