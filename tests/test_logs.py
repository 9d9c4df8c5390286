"""The logs: one line an event.

The form is the operator's choice, for other libraries' events, too.
"""

import json
import re
import subprocess
import sys
from functools import cache

import pytest

SCRIPT = """
import logging, sys, warnings, structlog
from graphql_api.logs import configure_logs
configure_logs(level=sys.argv[1], form=sys.argv[2])
log = structlog.get_logger("ours")
log.debug("detail", number=1)
log.info("first\\nsecond", finetuning_id="abc")
with structlog.contextvars.bound_contextvars(request_id="r-1"):
    logging.getLogger("theirs").warning("%s of %d", "one", 2)
logging.getLogger("uvicorn").info("noise")
logging.getLogger("pymongo.command").debug("noise")
warnings.warn("beware")
try:
    secret = "hidden"[::-1]
    1 / 0
except ZeroDivisionError:
    log.exception("it failed")
"""


@cache
def _stderr(level: str, form: str) -> str:
    """Log in a process of its own, once for all tests: logging is configured for a whole process."""
    command = [sys.executable, "-c", SCRIPT, level, form]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    assert process.stdout == ""
    return process.stderr


@pytest.mark.parametrize("form", ["json", "auto"])
def test_json_lines(form: str) -> None:
    """Away from a terminal each event is one JSON object on one line, with its time, level and origin."""
    first, theirs, warning, failure = map(json.loads, _stderr("info", form).splitlines())
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "first\nsecond",
        "finetuning_id": "abc",
        "level": "info",
        "logger": "ours",
    }
    assert (theirs["event"], theirs["level"], theirs["request_id"]) == ("one of 2", "warning", "r-1")
    assert (warning["logger"], warning["level"]) == ("py.warnings", "warning")
    assert "UserWarning: beware" in warning["event"]
    assert (failure["event"], failure["level"]) == ("it failed", "error")
    assert failure["exception"].endswith("ZeroDivisionError: division by zero")


def test_least_level() -> None:
    """Nothing below the level is logged; at debug our own details are, other libraries' noise is not."""
    assert len(_stderr("error", "json").splitlines()) == 1
    events = [json.loads(line)["event"] for line in _stderr("debug", "json").splitlines()]
    assert events[0] == "detail"
    assert "noise" not in events


def test_console() -> None:
    """On the console people read the event with its values and a traceback, and no JSON."""
    shown = _stderr("info", "console")
    assert "finetuning_id" in shown
    assert "ZeroDivisionError" in shown
    assert not shown.startswith("{")


SECRET = """
import logging, structlog
from graphql_api.logs import configure_logs
from graphql_api.redaction import Redaction
key = "Zq7-pLm4_tRv9"
configure_logs(level="info", form=__import__("sys").argv[1], hide=Redaction(key))
structlog.get_logger("ours").info(f"the key {key}", part=key[:8], listed=[key], **{key: 1})
logging.getLogger("theirs").warning("by a library: %s", key[-7:])
try:
    raise ValueError(f"no {key}")
except ValueError:
    structlog.get_logger("ours").exception("it failed")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_has_a_part_of_a_secret(form: str) -> None:
    """Events, names, values, tracebacks and other libraries' lines are all alike."""
    process = subprocess.run([sys.executable, "-c", SECRET, form], capture_output=True, text=True, check=True)
    assert process.stderr.count("[hidden]") >= 6
    assert "no [hidden]" in process.stderr
    for part in ("Zq7-pL", "q7-pLm", "tRv9"):
        assert part not in process.stderr.replace("'Zq7-pLm4_tRv9'", "")


HOSTILE = """
import structlog
from graphql_api.logs import configure_logs
configure_logs(level="info", form=__import__("sys").argv[1])
evil = "a\\u2028b\\u2029c\\x85d\\x9b31me\\x1b[2Jf\\ng\\ud800"
log = structlog.get_logger("ours")
class Rude:
    def __repr__(self):
        return evil

log.info(evil, told=evil, listed=[evil], shown=Rude(), **{evil: 1})
try:
    raise ValueError(evil)
except ValueError:
    log.exception("it failed")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_entry_is_text_on_one_line(form: str) -> None:
    """For any words of a stranger in the log, no line is forged and no terminal is told anything."""
    command = [sys.executable, "-c", HOSTILE, form]
    process = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    told = re.sub("\x1b\\[[0-9;]*m", "", process.stderr)  # the renderer's own colours
    assert {letter for letter in told if not letter.isprintable()} == {"\n"}
    first, failed, *traceback = told.splitlines()
    assert first.count(r"\u2028") == 5
    assert "it failed" in failed
    assert (len(traceback) == 0) is (form == "json")
    assert "Logging error" not in told


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_local_variables(form: str) -> None:
    """The variables of the failing code may be a secret."""
    told = _stderr("info", form)
    assert "ZeroDivisionError" in told
    assert "neddih" not in told
