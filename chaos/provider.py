"""The provider's process: an OpenAI sandbox.

Its jobs survive its death, and its calls are written down. A job lasts an hour or a moment, by chance: the
long ones would show an orphan, the short ones let a cancel come too late. The account's work is saved before
it is answered, so every answer of the provider is still true after ``kill -9``.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from graphql_api.sandbox.calls import CallRecord
from graphql_api.sandbox.openai import Account, Call, Durations, Sandbox, SandboxServer
from graphql_api.sandbox.openai.jobs import Job
from graphql_api.sandbox.openai.submission import Submission

SHARE_OF_SHORT_JOBS = 0.3
SHORT_S = (0.2, 5.0)
LONG_S = 3600.0
SHARE_OF_SLOW_CANCELS = 0.2
SLOW_CANCEL_S = 0.7


@dataclass(slots=True, kw_only=True)
class VariedAccount(Account):
    """An account with jobs of different lengths; its cancels sometimes take a moment."""

    random: Random

    def create_job(self, submission: Submission) -> Job:
        """Make a job of random length."""
        short = self.random.random() < SHARE_OF_SHORT_JOBS
        self.durations = Durations(
            queued_s=0.1, validating_s=0.1, running_s=self.random.uniform(*SHORT_S) if short else LONG_S
        )
        return super(VariedAccount, self).create_job(submission)

    def cancel_job(self, job_id: str) -> Job:
        """Cancel a live job, now or in a moment."""
        slow = self.random.random() < SHARE_OF_SLOW_CANCELS
        self.durations = Durations(cancelling_s=SLOW_CANCEL_S if slow else 0)
        return super(VariedAccount, self).cancel_job(job_id)


@dataclass(slots=True, kw_only=True)
class Journal(CallRecord):
    """A record of calls, also written to a file, a line for every change of a call."""

    path: Path
    _known: dict[int, tuple[Call, str]] = field(default_factory=dict)

    def note_change(self) -> None:
        """Write down the changes of all open calls."""
        if self.calls and self.calls[-1].number not in self._known:
            self._known[self.calls[-1].number] = (self.calls[-1], "")
        with self.path.open("a") as journal:
            for number, (call, written) in list(self._known.items()):
                line = json.dumps(asdict(call))
                if line != written:
                    journal.write(line + "\n")
                    self._known[number] = (call, line)
                if call.ended:
                    del self._known[number]
        super(Journal, self).note_change()


async def serve(*, port: int, state: Path, journal: Path, seed: str) -> None:
    """Serve as long as the process lives."""
    account = VariedAccount(random=Random(seed))
    sandbox = Sandbox(account=account, calls=Journal(path=journal), state_file=state)
    async with SandboxServer(sandbox, port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    _port, _state, _journal, _seed = sys.argv[1:]
    asyncio.run(serve(port=int(_port), state=Path(_state), journal=Path(_journal), seed=_seed))
