"""The steps of the training file: upload, wait, remove."""

from contextlib import suppress

from graphql_api.catalogue.dataset import build_dataset, file_name, file_prefix
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.engine.engine import Engine
from graphql_api.engine.reconcile import failed, refused_throughout
from graphql_api.engine.siblings import stop_what_is_left
from graphql_api.errors import ExpectedError
from graphql_api.providers.port import (
    CredentialsError,
    FileStatus,
    ProviderFault,
    RejectedError,
    TrainingFile,
    UnknownJobError,
)
from graphql_api.store.leases import taken_at

MOST_REMOVAL_FAULTS = 20
"""After this many failures in a row, the removal of a left-over file is given up."""


async def upload(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Freeze the dataset and upload it, or use the same file of an earlier try."""
    try:
        content, dataset = await build_dataset(held, sources=engine.sources)
    except ExpectedError as gone:
        return await engine.store.close(held, FinetuningStatus.FAILED, error=gone.message)
    name = file_name(held, dataset)
    try:
        found = await _uploaded_before(engine, held, name=name)
    except ProviderFault as fault:
        return await failed(engine, held, fault)
    frozen = await engine.store.freeze_dataset(held, dataset)
    if frozen is None:
        return None
    if found:
        return await _attach(engine, frozen, found, processed=False)
    try:
        file = await (await engine.provider_of(held)).upload_training_file(content, filename=name)
    except ProviderFault as fault:
        return await failed(engine, frozen, fault)
    return await _attach(engine, frozen, file.id, processed=_is_processed(file))


async def await_processed(engine: Engine, held: Finetuning, *, file_id: str) -> Finetuning | None:
    """Check whether the file is processed; during the wait nobody holds the finetuning.

    If an endpoint does not report on files, there is no wait: the create call decides.
    """
    try:
        file = await (await engine.provider_of(held)).retrieve_training_file(file_id)
    except CredentialsError as fault:
        return await engine.record_fault(held, fault)
    except RejectedError as fault:
        if isinstance(fault, UnknownJobError) and _waited_s(held) < engine.timing.grace_s:
            return await engine.record_fault(held, fault)
        return await engine.store.end_file_wait(held, processed=None, reason=fault.message)
    except ProviderFault as fault:
        return await engine.record_fault(held, fault)
    return await _judge(engine, held, file)


async def refused(engine: Engine, held: Finetuning, fault: RejectedError) -> Finetuning | None:
    """Handle a refused create call: final, except if the file was not processed yet."""
    wait, file_id = held.file_wait, held.finetuning_file_id
    is_known = wait is None or wait.processed or _waited_s(held) >= engine.timing.file_limit_s
    if is_known or file_id is None or isinstance(fault, CredentialsError):
        return await failed(engine, held, fault)
    try:
        file = await (await engine.provider_of(held)).retrieve_training_file(file_id)
    except RejectedError:
        return await failed(engine, held, fault)
    except ProviderFault as unanswered:
        return await engine.record_fault(held, unanswered)
    if _is_processed(file) is None:
        return await failed(engine, held, fault)
    return await _judge(engine, held, file, was_refused=True)


async def _judge(
    engine: Engine, held: Finetuning, file: TrainingFile, *, was_refused: bool = False
) -> Finetuning | None:
    """Go on with the file after its processing or a long enough wait; end with an unusable one."""
    if file.status is FileStatus.UNUSABLE:
        why = file.reason or f"its status is {file.word}."
        error = f"The provider cannot use the training file: {why}"
        return await engine.store.close(held, FinetuningStatus.FAILED, error=error)
    waited_s = _waited_s(held)
    if file.status is FileStatus.READY or (waited_s >= _limit_s(engine, file) and not was_refused):
        return await engine.store.end_file_wait(held, processed=_is_processed(file) or None, reason=file.word)
    pause_s = min(max(engine.timing.recheck_s, waited_s / 2), engine.timing.backoff_cap_s)
    return await engine.store.record_file(held, file, due_in_s=pause_s)


def _limit_s(engine: Engine, file: TrainingFile) -> float:
    """Return the longest wait for this file: shorter if its processing is not certain."""
    is_clear = file.status is FileStatus.PROCESSING
    return engine.timing.file_limit_s if is_clear else engine.timing.grace_s


def _is_processed(file: TrainingFile) -> bool | None:
    """Whether the provider calls the file processed; ``None`` if it says nothing."""
    return file.status is FileStatus.READY if file.word else None


def _waited_s(held: Finetuning) -> float:
    since = held.file_wait.since if held.file_wait else taken_at(held)
    return (taken_at(held) - since).total_seconds()


async def _attach(
    engine: Engine, frozen: Finetuning, file_id: str, *, processed: bool | None
) -> Finetuning | None:
    attached = await engine.store.attach_file(frozen, file_id, processed=processed)
    if attached is None:
        await _remove_if_too_late(engine, frozen, file_id)
    return attached


async def _uploaded_before(engine: Engine, held: Finetuning, *, name: str) -> str | None:
    """Return the file of an earlier try, after removing one with other golden records in it."""
    if held.dataset is None:
        return None
    if file_name(held, held.dataset) != name:
        await _remove_found(engine, held)
        return None
    found = await (await engine.provider_of(held)).find_training_files(prefix=name)
    return found[0] if found else None


async def _remove_if_too_late(engine: Engine, frozen: Finetuning, file_id: str) -> None:
    """Remove the file if it came too late: its finetuning has ended or has another file."""
    current = await engine.store.read(frozen.id)
    if current is None or current.status.is_terminal or current.finetuning_file_id not in {None, file_id}:
        with suppress(ProviderFault):
            await (await engine.provider_of(frozen)).delete_training_file(file_id)


async def discard(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Remove the unused training file of an ended finetuning; best effort, retried."""
    if held.leftover_file is None or held.faults >= MOST_REMOVAL_FAULTS:
        return await engine.store.retire(held)
    try:
        await _remove(engine, held, held.leftover_file.file_id)
    except ProviderFault as fault:
        if refused_throughout(engine, held, fault):
            return await engine.store.retire(held)
        return await engine.record_fault(held, fault, may_decide=True)
    return await engine.store.forget_leftover(held)


async def bury(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Stop the other jobs of an ended finetuning, remove its file, and delete it for clients.

    Stopping and removing are best effort; the sweep knows the jobs of a deleted finetuning, too.
    """
    known = held.leftover_file.file_id if held.leftover_file else held.finetuning_file_id
    if held.faults < MOST_REMOVAL_FAULTS:
        try:
            await stop_what_is_left(engine, held)
            if held.dataset is not None:
                await _remove(engine, held, known)
        except ProviderFault as fault:
            if not refused_throughout(engine, held, fault):
                return await engine.record_fault(held, fault, may_decide=True)
    return await engine.store.bury(held)


async def _remove(engine: Engine, held: Finetuning, known: str | None) -> None:
    if known:
        await (await engine.provider_of(held)).delete_training_file(known)
    else:
        await _remove_found(engine, held)


async def _remove_found(engine: Engine, held: Finetuning) -> None:
    """Remove every training file of this finetuning, each only under a renewed lease."""
    provider = await engine.provider_of(held)
    for file_id in await provider.find_training_files(prefix=file_prefix(held)):
        if await engine.store.renew(held) is None:
            return
        await provider.delete_training_file(file_id)
