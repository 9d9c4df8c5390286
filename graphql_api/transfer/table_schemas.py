"""The tables of databases: Spider's one file, or a directory with SQL for each."""

from collections.abc import Mapping
from pathlib import Path

from graphql_api.transfer.ddl import definitions
from graphql_api.transfer.json_values import json_values
from graphql_api.transfer.records import Entry, FileError
from graphql_api.transfer.source import decoded, source_of
from graphql_api.transfer.spider_tables import SpiderDatabase

Tables = Mapping[str, list[str]]
"""The statements by the databases' names."""


def tables_at(path: Path) -> Tables:
    """Return the tables of a ``tables.json``, or of a directory; raises ``FileError``.

    A directory has NAME.sql, or a directory NAME with files of SQL, as Spider's has.
    """
    try:
        return _of_directory(path) if path.is_dir() else _of_file(path)
    except FileError as wrong:
        raise FileError(f"{path}: {wrong}") from None
    except OSError as unusable:
        raise FileError(f"cannot read {unusable.filename or path}: {unusable.strerror}") from None


def _of_file(path: Path) -> Tables:
    with path.open("rb") as file:
        source = source_of(file)
        with source.text() as text:
            databases = map(_database, json_values(text, encoding=source.encoding))
            return {database.name: database.statements() for database in databases}


def _database(entry: Entry) -> SpiderDatabase:
    try:
        if entry.content is not None:
            return SpiderDatabase.of(entry.content)
    except ValueError as wrong:
        raise FileError(f"{entry.place}: {wrong}") from None
    raise FileError(f"{entry.place}: {entry.fault}")


def _of_directory(path: Path) -> Tables:
    """The names are the directory's own: one of a data file cannot lead out of it."""
    found = dict[str, list[str]]()
    for file in sorted([*path.glob("*.sql"), *path.glob("*/*.sql")]):
        name = file.stem if file.parent == path else file.parent.name
        found.setdefault(name, []).extend(definitions(_text(file)).statements)
    return found


def _text(file: Path) -> str:
    try:
        return decoded(file.read_bytes())
    except FileError as wrong:
        raise FileError(f"{file.name}: {wrong}") from None
