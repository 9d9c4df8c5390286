"""The exit codes of the commands, and the one line about what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import click

from graphql_api.transfer.server_options import reaching

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server
    from graphql_api.transfer.errors import ServerError


class ExitCode(IntEnum):
    """How a command ended; 2 is click's own for a wrong use."""

    DONE = 0
    REFUSED = 1
    NOT_FOUND = 3
    NO_ANSWER = 4
    NO_ACCESS = 5
    FAILED = 10
    CANCELLED = 11
    DELETED = 12
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.DONE: "done; of `watch`: it succeeded",
    ExitCode.REFUSED: "the server refused, or a file cannot be used",
    ExitCode.NOT_FOUND: "there is no such thing, or the name fits several",
    ExitCode.NO_ANSWER: "no server answers, or it broke off; what it did is not known",
    ExitCode.NO_ACCESS: "the credential is missing, wrong, or lacks a scope",
    ExitCode.FAILED: "of `watch`: it failed",
    ExitCode.CANCELLED: "of `watch`: it was cancelled",
    ExitCode.DELETED: "of `watch`: it was deleted",
    ExitCode.INTERRUPTED: "Ctrl-C",
}

_NO_ACCESS = {"FORBIDDEN", "UNAUTHENTICATED"}


class CommandError(click.ClickException):
    """A refusal, as one line; each other kind of failure has its own exit code."""

    exit_code = ExitCode.REFUSED


class MissingError(CommandError):
    """There is no such thing, or more than one."""

    exit_code = ExitCode.NOT_FOUND


class SilentError(CommandError):
    """The server does not answer."""

    exit_code = ExitCode.NO_ANSWER


class NoAccessError(CommandError):
    """The credential does not do."""

    exit_code = ExitCode.NO_ACCESS


class DeletedError(CommandError):
    """What is watched is deleted."""

    exit_code = ExitCode.DELETED


@contextmanager
def asking(url: str, token: str | None) -> Iterator["Server"]:
    """Yield the server at this address; its errors become a ``CommandError``."""
    with reaching(url, token, as_error=_error_of) as server:
        yield server


def _error_of(refused: "ServerError") -> CommandError:
    from graphql_api.transfer.errors import NoAnswerError, UnknownNameError

    code, message = refused.code or "", str(refused)
    if isinstance(refused, NoAnswerError):
        return SilentError(message)
    if code in _NO_ACCESS:
        return NoAccessError(message)
    if isinstance(refused, UnknownNameError) or code.endswith("_NOT_FOUND"):
        return MissingError(message)
    return CommandError(message)
