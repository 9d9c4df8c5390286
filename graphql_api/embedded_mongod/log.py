"""Reads the reason of a mongod's end in its log."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LONGEST_REASON_CHARACTERS = 400
_LOOKED_AT_BYTES = 256_000  # a log grows for as long as its mongod runs
_LEAST_FREE_BYTES = 16_000_000  # a file of mongod's journal


def free_bytes(directory: Path) -> int:
    """Return the free space there, in bytes."""
    return shutil.disk_usage(directory).free


def reason_to_end(log: Path, *, free: Callable[[Path], int] = free_bytes) -> str:
    """Return the first error near the end of the log, else its last plain text; it is one line.

    mongod logs JSON (since 4.4), first the cause and then the consequences. Plain text comes from programs
    before it, for example the dynamic linker: there the last line matters. On a full disk mongod can log
    nothing, so the free space is checked too.
    """
    lines = _end_of(log)
    entries = [_entry(line) for line in lines]
    errors = [_readable(entry) for entry in entries if entry.get("s") in {"E", "F"}]
    words = [line for line, entry in zip(lines, entries, strict=True) if not entry]
    reasons = [*errors, *reversed(words), "it left no error in its log"]
    return _short(reasons[0]) + _want_of_space(log.parent, free)


def last_lines(log: Path, *, most: int = 12) -> list[str]:
    """Return the last lines of the log in readable form."""
    return [_short(_readable(entry) if (entry := _entry(line)) else line) for line in _end_of(log)[-most:]]


def _want_of_space(directory: Path, free: Callable[[Path], int]) -> str:
    try:
        left = free(directory)
    except OSError:  # it is gone
        return ""
    return "" if left >= _LEAST_FREE_BYTES else f"; the disk is full, {left:,} bytes are left in {directory}"


def _end_of(log: Path) -> list[str]:
    """Return the last non-blank lines; empty if the log is gone."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LOOKED_AT_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if line.strip()]


def _entry(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError):
        return {}


def _readable(entry: dict[str, Any]) -> str:
    return f"{entry.get('msg')} {json.dumps(entry['attr']) if 'attr' in entry else ''}"


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_REASON_CHARACTERS]
