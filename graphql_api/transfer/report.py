"""What the commands say of a file and of their work."""

from collections.abc import Iterator, Sequence

from graphql_api.transfer.databases import Database
from graphql_api.transfer.forms import json_line
from graphql_api.transfer.importing import Account, Checked, Told
from graphql_api.transfer.reading import Reader

MOST_LEFT_OUT = 20
"""How many fields that are left out are named."""

LONGEST_NAME = 200

MOST_DATABASES = 20
MOST_BARE = 5
"""How many databases are named, and how many of those without tables."""


def summary(account: Account) -> str:
    """Return what an import did."""
    again = f", left out {account.again} that came twice in this file" if account.again else ""
    warned = f", {counted(account.warnings.count, 'warning')}" if account.warnings.count else ""
    return f"added {account.added}, skipped {account.skipped} already there{again}{warned}"


def rehearsed(checked: Checked, account: Account) -> str:
    """Return what an import would do."""
    again = f", {account.again} of them repeated" if account.again else ""
    there = f", {account.skipped} of them already there" if account.skipped else ""
    warned = f", {counted(account.warnings.count, 'warning')}" if account.warnings.count else ""
    return f"{counted(checked.records, 'golden record')}{again}{there}{warned}; nothing was stored"


def wrong_records(checked: Checked) -> str:
    """Return the wrong records by name, and that nothing is stored."""
    noun = "wrong record" if checked.wrong.first[0].startswith("record") else "wrong line"
    return "\n".join(
        [f"{counted(checked.wrong.count, noun)}, and nothing was stored", *_named(checked.wrong)]
    )


def seen(reader: Reader, checked: Checked) -> Iterator[str]:
    """Yield how a file was understood, and its first records as they would be stored."""
    yield str(reader.source)
    if reader.shape is not None:
        yield printable(str(reader.shape))
    for record in checked.samples:
        to = f" to {printable(record.database)}" if record.database else ""
        yield f"{record.place}{to}: {json_line(record.fields).decode().rstrip()}"


def refused(account: Account) -> str:
    """Return the records that a server would refuse, and that nothing is stored."""
    count = counted(account.refused.count, "record")
    named = _named(account.refused)
    return "\n".join([f"the server would refuse {count}, and nothing was stored", *named])


def databases(checked: Checked, found: Sequence[Database], *, wants_tables: bool) -> Iterator[str]:
    """Yield each database with its connection, and those that have no tables although they should."""
    for one in found[:MOST_DATABASES]:
        yield f"{printable(one.name)}: {counted(checked.databases[one.name], 'record')}, {one}"
    if len(found) > MOST_DATABASES:
        yield f"{len(found) - MOST_DATABASES} more databases"
    bare = [printable(one.name) for one in found if not one.tables and not one.has_tables]
    if wants_tables and bare:
        more = f" and {len(bare) - MOST_BARE} more" if len(bare) > MOST_BARE else ""
        yield f"warning: there are no tables for {', '.join(bare[:MOST_BARE])}{more}"


def left_out(checked: Checked) -> Iterator[str]:
    """Yield the fields that are not stored, each with its number."""
    for name, count in checked.left_out.most_common(MOST_LEFT_OUT):
        yield f"left out: {printable(name)} of {counted(count, 'record')}"


def warnings(told: Told) -> Iterator[str]:
    """Yield the warnings, the first twenty in full."""
    for message in _named(told):
        yield f"warning: {message}"


def counted(count: int, noun: str) -> str:
    """Return a number of things."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """Return a name of a file so that it does nothing to a terminal."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[:LONGEST_NAME])


def _named(told: Told) -> list[str]:
    more = told.count - len(told.first)
    return [*told.first, *([f"{more} more"] if more else [])]
