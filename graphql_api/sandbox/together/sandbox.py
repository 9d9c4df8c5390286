"""The sandbox: its account, the coming faults, the past calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from graphql_api.sandbox.calls import CallRecord
from graphql_api.sandbox.faults import FaultScript
from graphql_api.sandbox.stand_in import Operation
from graphql_api.sandbox.together.account import Account
from graphql_api.sandbox.together.operations import OPERATIONS


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A stand-in for Together AI: no training happens in it.

    With an ``api_key`` only this key is accepted, without one any non-empty key.
    """

    provider: ClassVar[str] = "Together AI"
    operations: ClassVar[Sequence[Operation]] = OPERATIONS

    account: Account = field(default_factory=Account)
    faults: FaultScript = field(default_factory=FaultScript)
    calls: CallRecord = field(default_factory=CallRecord)
    api_key: str | None = field(default=None, repr=False)

    def save(self) -> None:
        """Keep nothing: the account ends with the process."""
