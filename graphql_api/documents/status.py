"""The states of a finetuning and of its cancellation."""

from enum import StrEnum


class FinetuningStatus(StrEnum):
    """The status of a finetuning; the values are stored and are the REST API's words."""

    QUEUED = "queued"
    VALIDATING_FILES = "validating_files"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether it is an end, without any later status."""
        return self in TERMINAL


TERMINAL = frozenset({FinetuningStatus.SUCCEEDED, FinetuningStatus.FAILED, FinetuningStatus.CANCELLED})
"""Ended, each for good: no write leads out of these."""

LIVE = frozenset(FinetuningStatus) - TERMINAL
"""Still to be worked on. A provider moves a job between these in either direction (a validated job
waits in its queue again), so any of them may follow any other."""


class CancellationPhase(StrEnum):
    """The progress of a requested cancel."""

    REQUESTED = "requested"
    """Recorded and being worked on; the provider may still be training."""
    CONFIRMED = "confirmed"
    """The provider confirmed it, or no provider job could exist."""
    OVERTAKEN = "overtaken"
    """The job had ended by itself before the cancel reached it."""
    UNCONFIRMED = "unconfirmed"
    """Closed, but not beyond doubt: no job turned up in time, or a create call was never answered."""


class Wanted(StrEnum):
    """The aim of the work on a finetuning."""

    TRAIN = "train"
    CANCEL = "cancel"
    DELETE = "delete"

    @property
    def stops(self) -> bool:
        """Whether a provider job has to be stopped on the way."""
        return self is not Wanted.TRAIN
