"""The commands ``graphql-api golden-records import`` and ``export``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any, BinaryIO, TypeVar, cast

import click

from graphql_api.transfer.server_options import of_server, reaching

F = TypeVar("F", bound=Callable[..., Any])


def of_connection(command: F) -> F:
    """Add the options for the connection, and for the server's address and credential."""
    connection = click.option("--db-connection", required=True, metavar="ID|ALIAS", help="The connection.")
    return connection(of_server(command))


def _pairs(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields with their targets; raises ``click.BadParameter``."""
    targets = ("prompt_text", "sql", "metadata")
    pairs = [(name, target) for name, _, target in (one.rpartition("=") for one in given)]
    for name, target in pairs:
        if not name or target not in targets:
            raise click.BadParameter(f"it is FIELD=TARGET, and a target is one of {', '.join(targets)}")
    if [target for _, target in pairs].count("sql") > 1:
        raise click.BadParameter("only one field can be sql")
    return pairs


@click.command("import")
@click.argument("path", metavar="FILE|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--db-connection", metavar="ID|ALIAS", help="The connection.")
@click.option(
    "--split-by",
    metavar="FIELD",
    help="Instead of --db-connection: a field with a database's name, each with a connection of this alias; "
    "those that are not there are made.",
)
@click.option("--dialect", help="With --split-by: the SQL dialect of new connections, such as sqlite.")
@click.option(
    "--schemas",
    metavar="FILE|DIRECTORY",
    type=click.Path(exists=True, path_type=Path),
    help="With --split-by: the tables, as Spider's tables.json or in DIRECTORY/NAME.sql; "
    "connections with tables keep theirs.",
)
@of_server
@click.option("--dry-run", is_flag=True, help="Show and check every record and its SQL, and store nothing.")
@click.option(
    "--map",
    "field_map",
    metavar="FIELD=TARGET",
    multiple=True,
    callback=_pairs,
    help="Take a field of the file for prompt_text, sql or metadata; several of prompt_text are joined.",
)
@click.option("--keep-rest", is_flag=True, help="Keep all other plain fields as metadata.")
@click.pass_obj
def import_(
    own_url: Callable[[], str],
    path: str,
    *,
    db_connection: str | None,
    split_by: str | None,
    dialect: str | None,
    schemas: Path | None,
    url: str | None,
    token: str | None,
    dry_run: bool,
    field_map: Sequence[tuple[str, str]],
    keep_rest: bool,
) -> None:
    """Add the golden records of a file, or of stdin, to a connection of a running server.

    The file is JSON Lines, a JSON array, CSV or TSV, also packed with gzip, in UTF-8 or UTF-16. Its fields
    are prompt_text, sql and metadata, or those of Spider, BIRD, sql-create-context, chat messages or
    instructions; any others are named with --map. All records are checked before any is sent. Records
    already in the connection, word for word, are skipped, so it is safe to import a file again.
    """
    from graphql_api.transfer.import_session import ImportSession
    from graphql_api.transfer.reading import Reader
    from graphql_api.transfer.shapes import mapped
    from graphql_api.transfer.source import source_of

    if (db_connection is None) == (split_by is None):
        raise click.UsageError("Give either --db-connection or --split-by.")
    if split_by is None and (dialect or schemas):
        raise click.UsageError("--dialect and --schemas go with --split-by.")
    with _reading(path) as file, reaching(url or own_url(), token) as server:
        shape = mapped(field_map) if field_map else None
        reader = Reader(source=source_of(file), shape=shape, keeps_rest=keep_rest, split_by=split_by or "")
        session = ImportSession(reader, server)
        checked = session.check()
        databases = session.databases(checked, db_connection=db_connection, dialect=dialect, schemas=schemas)
        if dry_run:
            session.rehearse(checked, databases=databases)
        else:
            session.store(checked, databases=databases)


@click.command()
@click.argument("path", metavar="[FILE|-]", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@of_connection
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "chat"]),
    default="jsonl",
    show_default=True,
    help="JSON Lines, a table, or OpenAI's chats, without metadata.",
)
@click.pass_obj
def export(
    own_url: Callable[[], str],
    path: str,
    *,
    db_connection: str,
    url: str | None,
    token: str | None,
    form: str,
) -> None:
    """Write the golden records of a connection of a running server, the oldest first.

    If any record cannot be read, nothing is written and an existing file stays unchanged.
    """
    from graphql_api.transfer.exporting import export as export_
    from graphql_api.transfer.forms import FORMS

    with (
        reaching(url or own_url(), token) as server,
        export_(server, db_connection=db_connection) as records,
    ):
        try:
            with click.open_file(path, "wb") as file:
                told = FORMS[form].write(records, file)
        except OSError as unusable:
            raise click.ClickException(f"cannot write {path}: {unusable.strerror}") from None
        click.echo(told, err=True)


@contextmanager
def _reading(path: str) -> Iterator[BinaryIO]:
    """Yield the file; if it cannot be read, or changes meanwhile, report it in one line."""
    from graphql_api.transfer.records import FileError, RecordError

    try:
        with closing(_opened(path)) as file:
            yield file
    except FileError as unusable:
        raise click.ClickException(f"{path}: {unusable}; nothing was stored") from None
    except RecordError as changed:
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
