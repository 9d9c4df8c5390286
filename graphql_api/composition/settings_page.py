"""The page of all settings, made from their class: ``make settings``."""

from typing import Any

import click

from graphql_api.composition.settings import Settings

OPENING = """\
# Settings

<!-- `make settings` writes this page from graphql_api/composition/settings.py. Change the text there. -->

Every setting is an environment variable. An empty one counts as absent. A bad value stops the start, and one
line names it; `graphql-api check` says the same without a start. A list has commas between its items.

The commands also read a file `.env` in the current directory, or the one of `graphql-api --env-file`
(`GRAPHQL_API_ENV_FILE`; `/dev/null` for none). The environment wins over it. A start names variables that are
nearly settings: `OPENAI_APIKEY: did you mean OPENAI_API_KEY?`

Each setting can come from a file: `OPENAI_API_KEY_FILE=/run/secrets/key` names the file of `OPENAI_API_KEY`.
Such a file has one line of UTF-8; its end of line does not count. Setting both refuses the start. A secret in
a file is not in the process's environment.

| variable | default | takes | what it does |
|---|---|---|---|
"""


def settings_page() -> str:
    """Return ``docs/settings.md``."""
    found = Settings.model_json_schema()["properties"].items()
    rows = sorted(found, key=lambda row: row[0] not in Settings.__annotations__)  # parts of the class last
    return OPENING + "".join(
        f"| `{name.upper()}` | {_default(row)} | {_takes(row)} | {row['description']} |\n"
        for name, row in rows
    )


def _default(row: dict[str, Any]) -> str:
    default = ",".join(row["default"]) if isinstance(row["default"], list) else row["default"]
    return "—" if default in (None, "") else f"`{default}`"


def _takes(row: dict[str, Any]) -> str:
    """Say what a value may be, in a few words."""
    value = row["anyOf"][0] if "anyOf" in row else row
    if "enum" in value:
        return " or ".join(f"`{word}`" for word in value["enum"])
    if "pattern" in value:
        return f"`{value['pattern']}`"
    return ", ".join([_KINDS[value.get("format", value["type"])], *_bounds(value)])


_KINDS = {
    "array": "a list",
    "boolean": "`on` or `off`",
    "integer": "a whole number",
    "number": "seconds",
    "password": "a secret",
    "path": "a path",
    "string": "text",
}

_BOUNDS = {"exclusiveMinimum": "above", "minimum": "at least", "maximum": "at most"}


def _bounds(value: dict[str, Any]) -> list[str]:
    return [f"{word} {value[name]:.15g}" for name, word in _BOUNDS.items() if name in value]


if __name__ == "__main__":
    click.echo(settings_page(), nl=False)
