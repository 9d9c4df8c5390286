"""The file ``.env``: settings from it, and its misspelt names."""

import os
from pathlib import Path
from typing import Any

from pydantic_settings import DotEnvSettingsSource

from graphql_api.composition.misspellings import misspellings
from graphql_api.composition.settings import Settings

DEFAULT = Path(".env")


class EnvFileError(Exception):
    """The file cannot be used; the message is one line without its contents."""


def settings_with(named: Path | None, **given: Any) -> Settings:
    """Return the settings: the given ones first, then the environment's, then those of the file.

    Without a named file, it is ``.env``, if there is one. Raises ``EnvFileError``, ``ValidationError``.
    """
    file = named or DEFAULT
    if named is not None and not named.exists():
        raise EnvFileError(f"cannot read {named}: there is no such file")
    try:
        return Settings(_env_file=file, **given)
    except OSError as unreadable:
        raise EnvFileError(f"cannot read {file}: {unreadable.strerror}") from None
    except UnicodeDecodeError:
        raise EnvFileError(f"{file} is not UTF-8") from None


def misspelt(named: Path | None) -> list[str]:
    """Return a line for each variable, in the environment or the file, that is nearly a setting."""
    written = DotEnvSettingsSource(Settings, env_file=named or DEFAULT).env_vars
    found = misspellings([*os.environ, *written], Settings.model_fields)
    return [f"{wrong}: did you mean {right}?" for wrong, right in found]
