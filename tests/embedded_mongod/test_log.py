"""The reading of a mongod's log.

It gives the cause and the last lines.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from graphql_api.embedded_mongod.log import last_lines, reason_to_end

FIRST = {"s": "E", "msg": "WiredTiger error", "attr": {"error": 28}}
LAST = {"s": "F", "msg": "Fatal assertion"}


def _written(path: Path, *entries: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def test_the_first_error_is_the_reason(tmp_path: Path) -> None:
    """The next ones are its consequences."""
    log = _written(tmp_path / "mongod.log", {"s": "I", "msg": "well"}, FIRST, LAST)
    assert reason_to_end(log) == 'WiredTiger error {"error": 28}'


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """A mongod that could not even write its log leaves nothing else to go by."""
    log = _written(tmp_path / "mongod.log")
    assert reason_to_end(log, free=lambda _: 4096) == (
        f"it left no error in its log; the disk is full, 4,096 bytes are left in {tmp_path}"
    )
    assert reason_to_end(tmp_path / "gone" / "mongod.log") == "it left no error in its log"


def test_old_errors_are_forgotten(tmp_path: Path) -> None:
    """Only the end of a log that grew for long is looked at."""
    log = _written(tmp_path / "mongod.log", FIRST, *[{"s": "I", "msg": "x" * 1000}] * 300, LAST)
    assert reason_to_end(log) == "Fatal assertion"
    assert last_lines(log, most=2) == ["x" * 400, "Fatal assertion"]
