"""The faults of each provider call, and their names for the scheduler."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from exploration.actor import Call, Ending, made
from exploration.system import System, settled
from graphql_api.providers.port import (
    JobStatus,
    NotSentError,
    OutcomeUnknownError,
    ProviderJob,
    RejectedError,
    RetryLaterError,
)

HIDDEN_S = 90
"""How long the provider denies a job, or lists lag: less than the grace time."""

OPEN = frozenset(
    {"applied, the reply is lost", "lost on its way", "delayed, no reply", "made twice, the reply is lost"}
)
"""After these faults the caller does not know the outcome."""

DENIALS = frozenset({"404 for a while", "the list lags"})
"""In these faults the provider denies a job that it has."""

REPEATS = frozenset({"made twice by a gateway", "made twice, the reply is lost"})
"""In these faults one create call makes two jobs. They are only injected at an endpoint without metadata:
elsewhere the second job is left to the sweep."""

RECORD_GONE = "a golden record has been deleted"

Fault = Callable[[System], Ending]


def _refused(_: System) -> Ending:
    async def ending(call: Call) -> Any:
        raise NotSentError("refused")

    return ending


def _retry_later(_: System) -> Ending:
    async def ending(call: Call) -> Any:
        raise RetryLaterError("429")

    return ending


def _rejected(_: System) -> Ending:
    async def ending(call: Call) -> Any:
        raise RejectedError("400", as_such=True)

    return ending


def _lost(_: System) -> Ending:
    async def ending(call: Call) -> Any:
        raise OutcomeUnknownError("no reply")

    return ending


def _applied(_: System) -> Ending:
    async def ending(call: Call) -> Any:
        await settled(call)
        raise OutcomeUnknownError("no reply")

    return ending


def _delayed(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        system.delay(call)
        raise OutcomeUnknownError("no reply")

    return ending


def _lying(system: System) -> Ending:
    async def ending(call: Call) -> ProviderJob:
        job = next(iter(system.provider.jobs.values())).told()
        return replace(job, status=JobStatus.CANCELLED, word="cancelled")

    return ending


def _repeated(ending_of: Fault) -> Fault:
    def fault(system: System) -> Ending:
        async def ending(call: Call) -> Any:
            system.provider.repeats = True
            try:
                return await ending_of(system)(call)
            finally:
                system.provider.repeats = False

        return ending

    return fault


def _made(_: System) -> Ending:
    return made


def _hidden(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        system.provider.hide_jobs(seconds=HIDDEN_S)
        return await call.make()

    return ending


def _unlisted(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        system.provider.delay_listing(seconds=HIDDEN_S)
        return await call.make()

    return ending


def _disabled(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        raise system.account.disable(seconds=HIDDEN_S)

    return ending


def _key_refused(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        raise system.account.refuse_key(seconds=HIDDEN_S)

    return ending


def _lost_record(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        system.sources.lose_a_record()
        return await call.make()

    return ending


def _gone_on(system: System) -> Ending:
    async def ending(call: Call) -> Any:
        system.provider.go_on()
        return await call.make()

    return ending


def _ended(status: str) -> Fault:
    def fault(system: System) -> Ending:
        async def ending(call: Call) -> Any:
            system.provider.end_jobs(status)
            return await call.make()

        return ending

    return fault


FAULTS: dict[str, dict[str, Fault]] = {
    "upload_training_file": {
        "refused": _refused,
        "400": _rejected,
        "applied, the reply is lost": _applied,
        "lost on its way": _lost,
        "delayed, no reply": _delayed,
    },
    "read_examples": {RECORD_GONE: _lost_record},
    "create_job": {
        "refused": _refused,
        "429": _retry_later,
        "400": _rejected,
        "applied, the reply is lost": _applied,
        "lost on its way": _lost,
        "delayed, no reply": _delayed,
        "made twice by a gateway": _repeated(_made),
        "made twice, the reply is lost": _repeated(_applied),
    },
    "cancel_job": {
        "refused": _refused,
        "applied, the reply is lost": _applied,
        "lost on its way": _lost,
        "delayed, no reply": _delayed,
        "a lying 200": _lying,
        "404 for a while": _hidden,
    },
    "retrieve_job": {"lost on its way": _lost, "404 for a while": _hidden},
    "find_jobs": {"lost on its way": _lost, "400": _rejected, "the list lags": _unlisted},
    "list_jobs": {"lost on its way": _lost, "the list lags": _unlisted},
    "retrieve_training_file": {"lost on its way": _lost},
    "delete_training_file": {"lost on its way": _lost},
    "find_training_files": {"lost on its way": _lost},
}
"""The faults of each call, as far as the engine could tell them apart."""

SHUTS: dict[str, Fault] = {
    "the account is disabled for a while": _disabled,
    "the key is refused for a while": _key_refused,
}
"""From these faults on, no call of the account gets through; any provider call may be the first."""

ENDS: dict[str, Fault] = {
    "the job succeeds first": _ended("succeeded"),
    "the job fails first": _ended("failed"),
    "the job goes on first": _gone_on,
}
"""The changes of a job by itself, just before a call that would notice."""

NOTICING = frozenset({"cancel_job", "retrieve_job", "find_jobs", "list_jobs"})
TELLING = frozenset({"has"})
"""A webhook's first call. The webhook reports the change."""
