"""The part of docs/cli.md made from the commands' own help; ``make cli-page`` writes it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from graphql_api.cli import main

PAGE = Path(__file__).parents[1] / "docs/cli.md"
HEADING = "## Commands\n\n"
WIDTH = 100


def rendered() -> str:
    """Return the help of every command, each under a heading."""
    return "\n".join(f"### `{name}`\n\n```text\n{text}\n```\n" for name, text in _helps())


def with_commands(page: str) -> str:
    """Return the page with the commands as they are now."""
    return page.partition(HEADING)[0] + HEADING + rendered()


def _helps() -> Iterator[tuple[str, str]]:
    for name, command in sorted(main.commands.items()):
        if isinstance(command, click.Group):
            for part in command.commands:
                yield (
                    f"graphql-api {name} {part}",
                    _help(command.commands[part], f"graphql-api {name} {part}"),
                )
        else:
            yield f"graphql-api {name}", _help(command, f"graphql-api {name}")


def _help(command: click.Command, name: str) -> str:
    with click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH) as context:
        return command.get_help(context).replace("\n\n", "\n")


if __name__ == "__main__":
    PAGE.write_text(with_commands(PAGE.read_text()))
    sys.stderr.write(f"wrote {PAGE}\n")
