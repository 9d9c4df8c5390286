"""The sandbox: its account, the coming faults, the past calls."""

from dataclasses import dataclass, field
from pathlib import Path

from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.calls import CallRecord
from graphql_api.sandbox.openai.faults import FaultScript
from graphql_api.sandbox.openai.state import StateFile


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A stand-in for OpenAI: no training happens in it.

    With an ``api_key`` only this key is accepted, without one any non-empty key. With a ``state_file`` the
    account's files and jobs outlive the process.
    """

    account: Account = field(default_factory=Account)
    faults: FaultScript = field(default_factory=FaultScript)
    calls: CallRecord = field(default_factory=CallRecord)
    api_key: str | None = field(default=None, repr=False)
    state_file: Path | None = None

    def __post_init__(self) -> None:
        if self.state_file:
            self.account.holdings = StateFile(self.state_file).load()

    def save(self) -> None:
        """Write the account to the state file, if there is one."""
        if self.state_file:
            StateFile(self.state_file).save(self.account.holdings)
