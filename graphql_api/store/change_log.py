"""One line in the log for each change of a finetuning: which one, what, and who was behind it.

A finetuning's own timeline says what has changed. This log knows how much of each timeline it has told, so
that a write that changes nothing says nothing.
"""

from collections import OrderedDict

import structlog

from graphql_api.documents import Finetuning, FinetuningEvent, ObjectId

log = structlog.get_logger(__name__)

MOST_REMEMBERED = 10_000
"""The most finetunings whose length of the timeline is remembered; those not seen for longest go first."""


class ChangeLog:
    """The log of this process; other processes tell their own writes."""

    def __init__(self) -> None:
        self._told: OrderedDict[ObjectId, int] = OrderedDict()

    def note(self, finetuning: Finetuning, *, is_change: bool) -> None:
        """Tell the new entries of a finetuning's timeline after a write that may have changed it.

        They are those of the write's own time: earlier ones are another process's.
        """
        told = self._told.get(finetuning.id, 0)
        self._told[finetuning.id] = len(finetuning.timeline)
        self._told.move_to_end(finetuning.id)
        if len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
        for entry in finetuning.timeline[told:] if is_change else ():
            if entry.at == finetuning.updated_at:
                _tell(finetuning, entry)


def _tell(finetuning: Finetuning, entry: FinetuningEvent) -> None:
    """Log the entry without its message: that has words of providers and of people."""
    cancellation = finetuning.cancellation
    log.info(
        "finetuning changed",
        change=entry.kind.value,
        finetuning_id=str(finetuning.id),
        tenant=finetuning.tenant,
        actor=entry.actor,
        status=finetuning.status.value,
        cancel=cancellation and cancellation.phase.value,
        job_id=finetuning.finetuning_job_id,
    )
