"""Reads new lines of the provider's job logs.

A log is worth less than a status or a cancel, so it is read apart from both: in its own loop, under no
lease, with every failure left to the next time. The provider's list of jobs does not show a log's growth, so
each round reads a few logs only, the longest due.
"""

from contextlib import suppress
from dataclasses import dataclass

import structlog

from graphql_api.documents import Finetuning, LogPlace
from graphql_api.engine.engine import Engine
from graphql_api.providers.port import ProviderCheckpoint, ProviderFault, RejectedError
from graphql_api.store.database import StoreError, is_unavailable
from graphql_api.store.periodic_tasks import Chores
from graphql_api.store.provider_log import MOST_LINES, OvertakenError, ProviderLog, Tail, told_identity
from graphql_api.upkeep.log_walk import LogWalk, Look

log = structlog.get_logger(__name__)

MOST_A_ROUND = 10
"""The most logs read in one synchronisation interval, with up to two calls each for one page."""

FAULTS_FOR_ALL = 3
"""After this many failures in a row behind its first page, the read part of a log is kept. If the list is
newest first, the lines between that part and the stored ones are lost."""

MOST_FAULTS_AFTER_THE_END = 20
"""After this many failures in a row, the log of an ended job is read no further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSync:
    """Reads the provider's due logs, up to ``most_lines`` each; each interval only one server does."""

    engine: Engine
    log: ProviderLog
    chores: Chores
    most_lines: int = MOST_LINES

    async def do_due(self) -> bool:
        """Do a round, if it is due and no other server has taken it; return whether this one did it."""
        if not await self.chores.take("log", every_s=self.engine.timing.sync_interval_s):
            return False
        await self.do_round()
        return True

    async def do_round(self) -> int:
        """Read the longest due logs, and return their number."""
        for done in range(MOST_A_ROUND):
            claimed = await self.log.claim(token=self.engine.new_token())
            if claimed is None:
                return done
            await self._read(claimed)
        return MOST_A_ROUND

    async def _read(self, claimed: Finetuning) -> None:
        tail = await self.log.tail(claimed)
        try:
            look = await self._look(claimed, tail)
            await self.log.append(claimed, look.lines, start=tail.next_number)
            lines = tail.next_number + len(look.lines)
            may_have_more = lines > claimed.provider_events or claimed.status.is_terminal
            checkpoints = await self._checkpoints(claimed) if may_have_more else None
        except (ProviderFault, OvertakenError) as fault:
            log.debug("a log is read later", finetuning=str(claimed.id), reason=type(fault).__name__)
            await self.log.record_fault(claimed, due_in_s=self._retry_in_s(claimed))
            return
        except StoreError as problem:
            if is_unavailable(problem):
                raise
            log.warning("a log cannot be stored", finetuning=str(claimed.id), reason=type(problem).__name__)
            await self.log.record_fault(claimed, due_in_s=self._retry_in_s(claimed))
            return
        is_over = lines >= self.most_lines or (claimed.status.is_terminal and not look.has_rest)
        _log_limits(claimed, look, lines=lines, most_lines=self.most_lines)
        await self.log.record(
            claimed,
            lines=lines,
            checkpoints=checkpoints,
            due_in_s=None if is_over else self.engine.timing.sync_interval_s,
            place=_place(claimed, look),
        )

    async def _look(self, claimed: Finetuning, tail: Tail) -> Look:
        await self.log.recognise_older(claimed)
        provider, job_id = await self.engine.provider_of(claimed), str(claimed.finetuning_job_id)
        faults = claimed.log_work.faults if claimed.log_work else 0
        walk = LogWalk(
            lambda after: provider.list_job_events(job_id, after=after),
            lambda digests: self.log.known(claimed, digests, tail=tail),
            identity_of=told_identity,
            last_texts=tail.texts,
            resume_after=claimed.log_place.resume_after,
            keeps_parts=faults >= FAULTS_FOR_ALL,
            limit_s=self.engine.timing.lease_s / 2,
        )
        return await walk.look()

    async def _checkpoints(self, claimed: Finetuning) -> list[ProviderCheckpoint] | None:
        """Ask for the job's checkpoints; ``None`` if the provider has no list of them."""
        with suppress(RejectedError):
            return await (await self.engine.provider_of(claimed)).list_checkpoints(
                str(claimed.finetuning_job_id)
            )
        return None

    def _retry_in_s(self, claimed: Finetuning) -> float | None:
        faults = claimed.log_work.faults if claimed.log_work else 0
        if claimed.status.is_terminal and faults >= MOST_FAULTS_AFTER_THE_END:
            return None
        return self.engine.timing.backoff_s(faults, self.engine.random)


def _place(claimed: Finetuning, look: Look) -> LogPlace:
    return LogPlace(resume_after=look.resume_after, is_cut=claimed.log_place.is_cut or look.is_cut)


def _log_limits(claimed: Finetuning, look: Look, *, lines: int, most_lines: int) -> None:
    """Warn of a log cut short or too long, once for each job."""
    if look.is_cut and not claimed.log_place.is_cut:
        log.warning("the provider gives only a part of a log", finetuning=str(claimed.id))
    if lines >= most_lines:
        log.warning("a log is too long to read further", finetuning=str(claimed.id), lines=lines)
