"""The commands ``graphql-api golden-records import`` and ``export``."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import click

from graphql_api.transfer.server_options import of_server

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server
    from graphql_api.transfer.importing import Account, Checked

F = TypeVar("F", bound=Callable[..., Any])

MOST_WARNINGS = 20
"""The number of warnings shown in full; the server keeps all of them."""

INTERRUPTED = 130
"""The usual exit code of shells after a Ctrl-C."""


def of_connection(command: F) -> F:
    """Add the options for the connection, and for the server's address and credential."""
    connection = click.option("--db-connection", required=True, metavar="ID", help="The connection's id.")
    return connection(of_server(command))


@click.command("import")
@click.argument("path", metavar="FILE|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@of_connection
@click.option("--dry-run", is_flag=True, help="Check every line and its SQL, and store nothing.")
@click.pass_obj
def import_(
    own_url: Callable[[], str],
    path: str,
    *,
    db_connection: str,
    url: str | None,
    token: str | None,
    dry_run: bool,
) -> None:
    """Add the golden records of a JSONL file, or of stdin, to a connection of a running server.

    A line is an object with prompt_text (or promptText), sql and, if you like, metadata; db_name and
    dialect become metadata. All lines are checked before any is sent. Records already in the connection,
    word for word, are skipped, so it is safe to import a file again.
    """
    from graphql_api.transfer.importing import check_file

    with _reading(path) as file, _reaching(url or own_url(), token) as server:
        found = check_file(file)
        if found.wrong:
            raise click.ClickException(_wrong_lines(found))
        connection = server.db_connection(db_connection)
        file.seek(0)
        if dry_run:
            _rehearse(file, found, dialect=connection["dialect"])
        else:
            _import(file, found, server, db_connection_id=db_connection)


@click.command()
@click.argument("path", metavar="[FILE|-]", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@of_connection
@click.pass_obj
def export(
    own_url: Callable[[], str], path: str, *, db_connection: str, url: str | None, token: str | None
) -> None:
    """Write the golden records of a connection of a running server as JSONL, the oldest first.

    If any record cannot be read, nothing is written and an existing file stays unchanged.
    """
    from graphql_api.transfer.exporting import export as export_

    count = 0
    with (
        _reaching(url or own_url(), token) as server,
        export_(server, db_connection_id=db_connection) as lines,
    ):
        try:
            with click.open_file(path, "wb") as file:
                for line in lines:
                    file.write(line)
                    count += 1
        except OSError as unusable:
            raise click.ClickException(f"cannot write {path}: {unusable.strerror}") from None
        click.echo(f"exported {count}", err=True)


def _import(file: BinaryIO, found: "Checked", server: "Server", *, db_connection_id: str) -> None:
    from graphql_api.transfer.client import ServerError
    from graphql_api.transfer.importing import Account, import_file
    from graphql_api.transfer.jsonl import LineError

    account = Account()
    hidden = not sys.stderr.isatty()
    try:
        with click.progressbar(
            length=found.records, label="importing", file=sys.stderr, hidden=hidden
        ) as bar:
            for count in import_file(file, server, db_connection_id=db_connection_id, account=account):
                bar.update(count)
    except (ServerError, LineError) as refused:  # a line may be changed after it was checked
        _print_warnings(account.warnings)
        raise click.ClickException(
            f"{refused}\n{_summary(account)} before that; mend it and run this again: nothing is added twice"
        ) from None
    except KeyboardInterrupt:
        _print_warnings(account.warnings)
        click.echo(
            f"Interrupted: {_summary(account)}, and the batch in flight may be stored, too; "
            "run it again: nothing is added twice",
            err=True,
        )
        raise click.exceptions.Exit(INTERRUPTED) from None
    _print_warnings(account.warnings)
    click.echo(_summary(account))


def _rehearse(file: BinaryIO, found: "Checked", *, dialect: str) -> None:
    from graphql_api.transfer.importing import check_sql

    _print_warnings(asyncio.run(check_sql(file, dialect=dialect)))
    twice = f", {found.repeated} of them repeated" if found.repeated else ""
    click.echo(f"{_counted(found.records, 'golden record')}{twice}; nothing was stored")


@contextmanager
def _reading(path: str) -> Iterator[BinaryIO]:
    """Yield the file; if it cannot be read, or changes meanwhile, report it in one line."""
    from graphql_api.transfer.jsonl import LineError

    try:
        with closing(_opened(path)) as file:
            yield file
    except LineError as changed:
        raise click.ClickException(f"{path} was changed meanwhile: {changed}") from None
    except BrokenPipeError:  # of stdout: click handles it
        raise
    except OSError as unusable:
        raise click.ClickException(f"cannot read {path}: {unusable.strerror}") from None


def _opened(path: str) -> BinaryIO:
    """Return the file, or a copy of stdin or a pipe, because these cannot be read again."""
    file = cast("BinaryIO", click.open_file(path, "rb"))
    if path != "-" and file.seekable():
        return file
    with file:
        spool = TemporaryFile()  # noqa: SIM115  the caller closes it
        copyfileobj(file, spool)
        spool.seek(0)
        return spool


@contextmanager
def _reaching(url: str, token: str | None) -> Iterator["Server"]:
    """Yield the server; report its errors in one line."""
    from graphql_api.transfer.client import Server, ServerError

    try:
        with closing(Server(url, token=token)) as server:
            yield server
    except ServerError as refused:
        raise click.ClickException(str(refused)) from None


def _print_warnings(warnings: list[str]) -> None:
    for warning in warnings[:MOST_WARNINGS]:
        click.echo(f"warning: {warning}", err=True)
    if len(warnings) > MOST_WARNINGS:
        click.echo(f"warning: {len(warnings) - MOST_WARNINGS} more", err=True)


def _summary(account: "Account") -> str:
    warned = f", {_counted(len(account.warnings), 'warning')}" if account.warnings else ""
    return f"added {account.added}, skipped {account.skipped} already there{warned}"


def _wrong_lines(found: "Checked") -> str:
    more = found.wrong - len(found.named)
    named = [*found.named, *([f"{more} more"] if more else [])]
    return "\n".join([f"{_counted(found.wrong, 'wrong line')}, and nothing was stored", *named])


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
