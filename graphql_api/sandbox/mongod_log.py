"""Reads the one line out of a mongod's log that explains why it ended."""

import json
from pathlib import Path
from typing import Any

_LONGEST_REASON_CHARACTERS = 400


def reason_to_end(log: Path) -> str:
    """Return the first error in the log, else its last plain text; it is one line.

    mongod logs JSON (since 4.4) and follows the cause with the consequences. Plain text comes from those who
    speak before it does, such as the dynamic linker, whose last line matters.
    """
    lines = log.read_text(errors="replace").splitlines()
    entries = [_entry(line) for line in lines]
    errors = [_readable(entry) for entry in entries if entry and entry.get("s") in {"E", "F"}]
    words = [line for line, entry in zip(lines, entries, strict=True) if not entry and line.strip()]
    reasons = [*errors, *reversed(words), "it left no error in its log"]
    return " ".join(reasons[0].split())[:_LONGEST_REASON_CHARACTERS]


def _entry(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError):
        return {}


def _readable(entry: dict[str, Any]) -> str:
    return f"{entry.get('msg')} {json.dumps(entry['attr']) if 'attr' in entry else ''}"
