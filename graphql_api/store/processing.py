"""The store's operations during the provider's file processing."""

from graphql_api.documents import Finetuning, FinetuningEventKind
from graphql_api.providers.port import TrainingFile
from graphql_api.store.assignments import WELL
from graphql_api.store.expressions import NOT_ENDED, event, literal
from graphql_api.store.leases import LeasedFinetunings


class Processing:
    """The operations on a finetuning waiting for its training file, a part of ``FinetuningStore``."""

    def __init__(self, leased: LeasedFinetunings) -> None:
        self._leased = leased

    async def record_file(
        self, held: Finetuning, file: TrainingFile, *, due_in_s: float
    ) -> Finetuning | None:
        """Record a file still in processing, and let go until it is time to look again."""
        now, word = self._leased.now(), literal(file.word)
        fields = {
            "file_wait": {"since": {"$ifNull": ["$file_wait.since", now]}, "processed": False},
            "provider_status": word,
            **WELL,
        }
        told = event(now, FinetuningEventKind.FILE_PROCESSING, message=file.word)
        return await self._leased.let_go(
            held,
            fields,
            due_in_s=due_in_s,
            where={**NOT_ENDED, "submission": None},
            entries=[({"$ne": ["$provider_status", word]}, told)],
        )

    async def end_file_wait(
        self, held: Finetuning, *, processed: bool | None, reason: str
    ) -> Finetuning | None:
        """Record the end of the wait for the file; ``processed`` is ``None`` if it is unknown."""
        wait = {"since": {"$ifNull": ["$file_wait.since", self._leased.now()]}, "processed": processed}
        return await self._leased.keep(
            held,
            {"file_wait": wait, "provider_status": None, **WELL},
            where={**NOT_ENDED, "submission": None},
            kind=FinetuningEventKind.FILE_PROCESSED,
            message=reason,
        )
