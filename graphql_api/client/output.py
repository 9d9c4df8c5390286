"""Prints answers: tables for people, tab-separated lines for pipes, JSON for scripts."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
import orjson

from graphql_api.one_line import printable

Row = Sequence[object]


def print_json(value: object) -> None:
    """Print one JSON object or one JSON array."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def print_table(columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table with a heading on a terminal; in a pipe, the cells alone, with tabs between them."""
    cells = [[shown(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            click.echo("\t".join(row))
        return
    for line in aligned([list(columns), *cells]):
        click.echo(line)


def print_facts(facts: Mapping[str, object]) -> None:
    """Print a name and a value a line; a value that is not there is left out."""
    rows = [[name, shown(value)] for name, value in facts.items() if value is not None]
    for row in aligned(rows):
        click.echo(row)


def print_created(created: Mapping[str, Any], *, noun: str, as_json: bool) -> None:
    """Print the id alone on stdout, so that a shell variable can take it, and words on stderr."""
    if as_json:
        print_json(created)
        return
    click.echo(f"created {noun} {shown(created['alias'])}", err=True)
    click.echo(created["id"])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return each row as one line with its cells in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def shown(value: object) -> str:
    """Return the value as text of one line, without characters that steer a terminal."""
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return shown(", ".join(f"{name}={item}" for name, item in value.items()))
    return printable(str(value))


def moment(text: str | None) -> str | None:
    """Return a time of the server's, to the minute."""
    return None if text is None else f"{text[:10]} {text[11:16]} UTC"
