"""A stand-in for OpenAI's fine-tuning API, for demos and tests."""

from graphql_api.sandbox.app import sandbox_app
from graphql_api.sandbox.calls import Call
from graphql_api.sandbox.clock import Clock, ManualClock, SystemClock
from graphql_api.sandbox.faults import Fault, FaultKind, Lie
from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.sandbox.openai.sandbox import Sandbox
from graphql_api.sandbox.openai.training import Durations
from graphql_api.sandbox.openai.webhooks import WebhookSender
from graphql_api.sandbox.server import StandInServer

SandboxServer = StandInServer[Sandbox]

__all__ = [
    "Account",
    "Call",
    "Clock",
    "Durations",
    "Fault",
    "FaultKind",
    "JobStatus",
    "Lie",
    "ManualClock",
    "Sandbox",
    "SandboxServer",
    "SystemClock",
    "WebhookSender",
    "sandbox_app",
]
