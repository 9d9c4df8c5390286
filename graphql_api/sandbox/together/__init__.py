"""A stand-in for Together AI's fine-tuning API, for demos and tests."""

from graphql_api.sandbox.server import StandInServer
from graphql_api.sandbox.together.account import Account, Durations
from graphql_api.sandbox.together.jobs import JobStatus
from graphql_api.sandbox.together.sandbox import Sandbox

SandboxServer = StandInServer[Sandbox]

__all__ = ["Account", "Durations", "JobStatus", "Sandbox", "SandboxServer"]
