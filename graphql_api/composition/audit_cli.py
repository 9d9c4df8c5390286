"""The command ``graphql-api audit export``."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from graphql_api.composition.key_cli import DURATION, UNITS
from graphql_api.composition.running import run

if TYPE_CHECKING:
    from graphql_api.composition.settings import Settings


class Since(click.ParamType[datetime]):
    """A moment: a date or a time of ISO 8601, in UTC without an offset, or how long ago, such as 7d."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment."""
        if (ago := re.fullmatch(DURATION, str(value), re.ASCII)) is not None:
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-01-31, 2026-01-31T12:00:00Z or 7d", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.option("--since", type=Since(), help="Only entries from then on, such as 2026-01-31 or 7d.")
@click.option("--tenant", help="Only this tenant's entries; default: all, and refused credentials.")
@click.pass_obj
def export(settings: "Callable[[], Settings]", *, since: datetime | None, tenant: str | None) -> None:
    """Print the audit log, one JSON object a line, the oldest entry first."""
    run(_print(settings(), since=since, tenant=tenant))


async def _print(settings: "Settings", *, since: datetime | None, tenant: str | None) -> None:
    from graphql_api.composition.audit_commands import exported

    async for entry in exported(settings, since=since, tenant=tenant):
        click.echo(entry.model_dump_json())
