"""The sandbox: its account, the coming faults, the past calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from graphql_api.sandbox.calls import CallRecord
from graphql_api.sandbox.faults import FaultScript
from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.operations import OPERATIONS
from graphql_api.sandbox.openai.state import StateFile
from graphql_api.sandbox.stand_in import Operation


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A stand-in for OpenAI: no training happens in it.

    With an ``api_key`` only this key is accepted, without one any non-empty key. With a ``state_file`` the
    account's files and jobs outlive the process.
    """

    provider: ClassVar[str] = "OpenAI"
    operations: ClassVar[Sequence[Operation]] = OPERATIONS

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
