"""Logs: one structured line per event, including uvicorn's events."""

import logging
import sys
from collections.abc import Callable
from io import StringIO
from typing import TextIO

import structlog

from graphql_api.throttle import ThrottledRecords

_UNTRUE = "ASGI callable returned without completing handshake."
"""Uvicorn logs this untrue error for every WebSocket refused with a (complete) HTTP answer."""

_NOISY = ("asyncio", "httpcore", "httpcore2", "httpx", "httpx2", "openai", "pymongo", "together", "uvicorn")
"""The libraries with a line for each call."""

_OF_MANY_LINES = ("exception", "stack")
"""The parts shown by structlog below the line of an entry."""


def configure_logs(*, level: str, form: str, hide: Callable[[str], str] = str) -> None:
    """Send all log lines to stderr as ``json``, for the ``console``, or as the terminal allows (``auto``).

    ``hide`` takes the secrets out of each finished line, whichever library or error brought them there.
    """
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    ending: list[structlog.typing.Processor] = (
        # The prettier tracebacks show local variables, and these may have a secret.
        [_visible, structlog.dev.ConsoleRenderer(exception_formatter=_traceback)]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Hiding(formatter, hide))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)  # noqa: FBT003  a library's warning is a log line, too
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_true)
    for repeated in ("asyncio", "uvicorn.error"):  # a client can cause their lines, as often as it likes
        logging.getLogger(repeated).addFilter(ThrottledRecords())


class _Hiding(logging.Formatter):
    """Formats by another formatter, and hides the secrets."""

    def __init__(self, inner: logging.Formatter, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._inner = inner
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        return self._hide(self._inner.format(record))


def _visible(_: object, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape line ends and control characters for a terminal, because a log entry is one line of text.

    JSON escapes them already. A value's ``repr`` may not: a class can write its own.
    """
    return {_escaped(key): _visible_value(key, value) for key, value in entry.items()}


def _visible_value(key: str, value: object) -> object:
    if isinstance(value, str):
        return _escaped(value, kept="\n\t" if key in _OF_MANY_LINES else "")
    if key == "exc_info" or repr(value).isprintable():
        return value
    return _Shown(_escaped(repr(value)))


class _Shown:
    """A value with this ``repr``."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _traceback(stream: TextIO, failure: structlog.typing.ExcInfo) -> None:
    whole = StringIO()
    structlog.dev.plain_traceback(whole, failure)
    stream.write(_escaped(whole.getvalue(), kept="\n\t"))


def _escaped(text: str, *, kept: str = "") -> str:
    return "".join(
        letter if letter.isprintable() or letter in kept else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _is_true(record: logging.LogRecord) -> bool:
    return record.getMessage() != _UNTRUE
