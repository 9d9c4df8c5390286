"""One import at a terminal: it checks a file, and stores or rehearses it."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from graphql_api.transfer import report
from graphql_api.transfer.client import Server
from graphql_api.transfer.databases import Database, planned
from graphql_api.transfer.errors import ServerError
from graphql_api.transfer.exporting import RECORDS
from graphql_api.transfer.importing import Account, Checked, check_file, import_file
from graphql_api.transfer.names import DB_CONNECTION, id_of
from graphql_api.transfer.reading import Reader
from graphql_api.transfer.records import FileError, Place, Record, RecordError
from graphql_api.transfer.rehearsal import Present, rehearse
from graphql_api.transfer.table_schemas import tables_at

INTERRUPTED = 130
"""The usual exit code of shells after a Ctrl-C."""


@dataclass(slots=True)
class ImportSession:
    """Imports what ``reader`` reads."""

    reader: Reader
    server: Server
    account: Account = field(default_factory=Account)

    def check(self) -> Checked:
        """Check all records; raises ``click.ClickException`` that names the wrong ones."""
        file = self.reader.source.file
        with _bar("checking", length=file.seek(0, os.SEEK_END)) as bar:
            checked = check_file(self.reader, advance=lambda: bar.update(file.tell() - bar.pos))
        if checked.wrong.count:
            raise click.ClickException(report.wrong_records(checked))
        return checked

    def databases(
        self, checked: Checked, *, db_connection: str | None, dialect: str | None, schemas: Path | None
    ) -> Mapping[str, Database]:
        """Return the one connection, or one for each database of the file, and say what will be done.

        Raises ``ServerError`` or ``click.ClickException``, and changes nothing.
        """
        if db_connection is not None:
            one = self.server.db_connection(id_of(db_connection, DB_CONNECTION, server=self.server))
            return {"": Database(name="", id=one["id"], dialect=one["dialect"])}
        try:
            tables = tables_at(schemas) if schemas else None
        except FileError as unusable:
            raise click.ClickException(f"{unusable}; nothing was stored") from None
        found = planned(checked.databases, server=self.server, dialect=dialect, tables=tables)
        _tell(report.databases(checked, found, wants_tables=tables is not None))
        return {one.name: one for one in found}

    def store(self, checked: Checked, *, databases: Mapping[str, Database]) -> None:
        """Store the records in the connections of these databases, and make those that are not there."""
        _tell(report.left_out(checked))
        if self.server.sql_check() == "strict":  # else its refusal could come after others were stored
            self._rehearsed(checked, databases=databases)
        try:
            self._store(checked, databases=databases)
        except (ServerError, RecordError, FileError) as refused:  # the file may have changed meanwhile
            _tell(report.warnings(self.account.warnings))
            raise click.ClickException(
                f"{refused}\n{report.summary(self.account)} before that; "
                "mend it and run this again: nothing is added twice"
            ) from None
        except KeyboardInterrupt:
            _tell(report.warnings(self.account.warnings))
            click.echo(
                f"Interrupted: {report.summary(self.account)}, and the batch in flight may be stored, too; "
                "run it again: nothing is added twice",
                err=True,
            )
            raise click.exceptions.Exit(INTERRUPTED) from None
        _tell(report.warnings(self.account.warnings))
        click.echo(report.summary(self.account))

    def _store(self, checked: Checked, *, databases: Mapping[str, Database]) -> None:
        with _bar("importing", length=checked.records - checked.again) as bar:
            made = {name: database.made(self.server).id for name, database in databases.items()}
            storing = import_file(self.reader, checked, self.server, connections=made, account=self.account)
            for count in storing:
                bar.update(count)

    def rehearse(self, checked: Checked, *, databases: Mapping[str, Database]) -> None:
        """Say what an import would do in these databases."""
        for line in report.seen(self.reader, checked):
            click.echo(line)
        _tell(report.left_out(checked))
        account = self._rehearsed(checked, databases=databases)
        _tell(report.warnings(account.warnings))
        click.echo(report.rehearsed(checked, account))

    def _rehearsed(self, checked: Checked, *, databases: Mapping[str, Database]) -> Account:
        """Return what an import would do; raises ``click.ClickException`` if the server would refuse it."""
        account = Account()
        asyncio.run(self._rehearse(checked, databases=databases, account=account))
        if account.refused.count:
            raise click.ClickException(report.refused(account))
        return account

    async def _rehearse(
        self, checked: Checked, *, databases: Mapping[str, Database], account: Account
    ) -> None:
        dialects = {name: database.dialect for name, database in databases.items()}
        present, mode = self._present(databases), self.server.sql_check()
        with _bar("checking SQL", length=checked.records - checked.again) as bar:
            rehearsing = rehearse(
                self.reader, checked, dialects=dialects, present=present, account=account, mode=mode
            )
            async for _ in rehearsing:
                bar.update(account.added + account.skipped - bar.pos)

    def _present(self, databases: Mapping[str, Database]) -> Present:
        """Return what the connections have already; one that is not made yet has nothing."""
        present = Present()
        for name, database in databases.items():
            for fields in self.server.entries(RECORDS, id=database.id) if database.id else ():
                present.add(Record(Place("record", 0), fields, name))
        return present


@contextmanager
def _bar(label: str, *, length: int) -> Iterator[Any]:
    """Show a progress bar, if a person looks on."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar


def _tell(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
