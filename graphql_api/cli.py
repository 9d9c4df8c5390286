"""The command line of ``graphql-api``, one function per command."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphql_api import __version__
from graphql_api.address import url_of
from graphql_api.client import DB_CONNECTION_COMMANDS, FINETUNING_COMMANDS, list_golden_records
from graphql_api.composition.audit_cli import export as export_audit_log
from graphql_api.composition.credential_cli import rotate
from graphql_api.composition.key_cli import create, list_, revoke
from graphql_api.transfer.commands import export, import_

if TYPE_CHECKING:
    from graphql_api.composition.settings import Settings


@click.group()
@click.version_option(__version__, package_name="finetuning-graphql-api")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    envvar="GRAPHQL_API_ENV_FILE",
    help="A file with settings; default: .env, if there is one. The environment wins over it.",
)
def main(*, env_file: Path | None) -> None:
    """Create, watch and cancel fine-tuning jobs over GraphQL. Settings come from the environment."""


@main.command()
@click.option("--sandbox", is_flag=True, help="Train at the built-in stand-in for OpenAI: no key, no cost.")
@click.option(
    "--sample-data",
    is_flag=True,
    help="Store a connection with golden records, and at the sandbox finetunings.",
)
@click.option("--host", help="The address to listen on; default: HOST.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port to listen on; default: PORT.")
def serve(*, sandbox: bool, sample_data: bool, host: str | None, port: int | None) -> None:
    """Serve GraphQL, REST and health until stopped."""
    from graphql_api.composition.server import serve as serve_

    _run(
        lambda settings: serve_(settings, sandbox=sandbox, sample_data=sample_data),
        **({} if host is None else {"host": host}),
        **({} if port is None else {"port": port}),
    )


@main.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="Serve health and metrics here; default: off.")
def worker(*, port: int | None) -> None:
    """Work on due finetunings until stopped; serve no clients."""
    from graphql_api.composition.server import work

    _run(lambda settings: work(settings, port=port))


@main.command()
@click.option(
    "--provider",
    type=click.Choice(["openai", "together"]),
    default="openai",
    show_default=True,
    help="The provider whose stand-in trains.",
)
def demo(*, provider: str) -> None:
    """Start everything, train and cancel a finetuning over HTTP, and stop again."""
    from graphql_api.composition.demo import demonstrate

    _run(lambda settings: demonstrate(settings, provider=provider))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address to listen on.")
@click.option("--port", default=8001, show_default=True, help="The port to listen on; 0 takes a free one.")
@click.option("--running-s", default=60.0, show_default=True, help="How long a job trains, in seconds.")
@click.option(
    "--provider",
    type=click.Choice(["openai", "together"]),
    default="openai",
    show_default=True,
    help="The provider to stand in for.",
)
def sandbox(*, host: str, port: int, running_s: float, provider: str) -> None:
    """Serve the stand-in for a provider alone, for other programs."""
    from graphql_api.composition.server import serve_sandbox

    _run(
        lambda settings: serve_sandbox(settings, provider=provider, host=host, port=port, running_s=running_s)
    )


@main.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from graphql_api.schema import schema_sdl

    click.echo(schema_sdl(), nl=False)


@main.command()
def check() -> None:
    """Check settings, MongoDB, address and provider, and print one line for each.

    It may run beside a server, and leaves nothing behind. Exit code 1: a start would fail.
    """
    from graphql_api.composition.check import diagnose
    from graphql_api.composition.env_file import misspelt
    from graphql_api.composition.secret_values import redaction_of

    settings = _settings()
    hide = redaction_of(settings)
    for line in misspelt(_env_file()):
        click.echo(f"warning: {line}", err=True)
    findings = asyncio.run(diagnose(settings))
    for name, found in findings.items():
        click.echo(hide(f"{name}: {found}"))
    raise SystemExit(0 if all(found.is_usable for found in findings.values()) else 1)


@main.group("keys")
@click.pass_context
def keys(context: click.Context) -> None:
    """Make, list and revoke API keys, straight in the database."""
    context.obj = _settings


for command in (create, list_, revoke):
    keys.add_command(command)


@main.group("credentials")
@click.pass_context
def credentials(context: click.Context) -> None:
    """Look after the credentials of provider accounts, straight in the database."""
    context.obj = _settings


credentials.add_command(rotate)


@main.group("audit")
@click.pass_context
def audit(context: click.Context) -> None:
    """Read the audit log, straight from the database."""
    context.obj = _settings


audit.add_command(export_audit_log)


@main.group("db-connections")
@click.pass_context
def db_connections(context: click.Context) -> None:
    """Work with the database connections of a running server."""
    context.obj = _own_url


for command in DB_CONNECTION_COMMANDS:
    db_connections.add_command(command)


@main.group("golden-records")
@click.pass_context
def golden_records(context: click.Context) -> None:
    """List golden records, and move them between files and a running server."""
    context.obj = _own_url


for command in (list_golden_records, import_, export):
    golden_records.add_command(command)


@main.group("finetunings")
@click.pass_context
def finetunings(context: click.Context) -> None:
    """Work with the finetunings of a running server."""
    context.obj = _own_url


for command in FINETUNING_COMMANDS:
    finetunings.add_command(command)


def _own_url() -> str:
    """Return the GraphQL URL of this machine's server, from the settings."""
    settings = _settings()
    if settings.port == 0:
        raise click.ClickException("PORT: 0 is any port; give the server's address with --url")
    return f"{url_of(settings.host, settings.port)}/graphql"


def _settings(**given: Any) -> "Settings":
    """Return the settings; the given ones win. Prints one line if they cannot be used."""
    from pydantic import ValidationError

    from graphql_api.composition.env_file import EnvFileError, settings_with
    from graphql_api.composition.settings import complaints

    try:
        return settings_with(_env_file(), **given)
    except EnvFileError as unusable:
        raise click.ClickException(str(unusable)) from None
    except ValidationError as invalid:
        raise click.ClickException(complaints(invalid)) from None


def _env_file() -> Path | None:
    """Return the file to read; the benchmarks run without a command line, and have none."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.find_root().params["env_file"]


def _run(command: Callable[["Settings"], Coroutine[Any, Any, None]], **given: Any) -> None:
    """Run the command with checked settings; print one line if it cannot start."""
    import structlog

    from graphql_api.composition.env_file import misspelt
    from graphql_api.composition.secret_values import redaction_of
    from graphql_api.composition.start_error import StartError
    from graphql_api.logs import configure_logs

    settings = _settings(**given)
    hide = redaction_of(settings)
    configure_logs(level=settings.log_level, form=settings.log_format, hide=hide)
    for line in misspelt(_env_file()):
        structlog.get_logger(__name__).warning(line)
    try:
        asyncio.run(command(settings))
    except StartError as reason:
        raise click.ClickException(hide(str(reason))) from None
