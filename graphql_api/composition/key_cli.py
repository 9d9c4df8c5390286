"""The commands ``graphql-api keys create``, ``list`` and ``revoke``."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from graphql_api.caller import DEFAULT_TENANT
from graphql_api.composition.running import run
from graphql_api.scopes import ALL_SCOPES, Scope

if TYPE_CHECKING:
    from graphql_api.composition.settings import Settings

DURATION = r"([1-9]\d{0,4})([mhd])"
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Life(click.ParamType[timedelta]):
    """How long a key lives: a number of minutes, hours or days, such as 90d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration."""
        found = re.fullmatch(DURATION, str(value), re.ASCII)
        if found is None:
            self.fail(f"{value!r} is not a number of minutes, hours or days, such as 90d", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command()
@click.option("--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data the key opens.")
@click.option("--name", required=True, help="The key's name for people: the subject of its calls.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the key may do; give it once for each scope.",
)
@click.option("--admin", is_flag=True, help="Give the key every scope.")
@click.option("--expires", "lives", type=Life(), help="When the key ends, such as 90d; default: never.")
@click.pass_obj
def create(
    settings: "Callable[[], Settings]",
    *,
    tenant: str,
    name: str,
    scopes: tuple[str, ...],
    admin: bool,
    lives: timedelta | None,
) -> None:
    """Make a key and print it, alone, on stdout: it is shown here and never again."""
    from graphql_api.composition import key_commands

    granted = ALL_SCOPES if admin else frozenset(map(Scope, scopes))
    if not granted:
        raise click.UsageError("Give --scope at least once, or --admin.")
    key = run(key_commands.create(settings(), tenant=tenant, name=name, scopes=granted, lives=lives))
    click.echo(key.text)


@click.command("list")
@click.option("--tenant", help="Only this tenant's keys; default: all.")
@click.pass_obj
def list_(settings: "Callable[[], Settings]", *, tenant: str | None) -> None:
    """Print the keys without their secrets, the newest first."""
    from graphql_api.composition import key_commands

    for key in run(key_commands.listed(settings(), tenant=tenant)):
        ends = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "no end"
        if not key.revoked_at and key.expires_at:
            ends = f"ends {key.expires_at:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{key.id}  {key.tenant}  {key.name}  {ends}  {' '.join(key.scopes)}")


@click.command()
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke(settings: "Callable[[], Settings]", *, key_id: str) -> None:
    """End a key now: servers refuse it within a second."""
    from graphql_api.composition import key_commands

    if run(key_commands.revoke(settings(), key_id=key_id)) is None:
        raise click.ClickException(f"there is no key {key_id}")
    click.echo(f"{key_id} is revoked")
