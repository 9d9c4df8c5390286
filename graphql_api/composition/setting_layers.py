"""The places that settings come from: the environment wins over the file ``.env``."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from pydantic_settings import EnvSettingsSource, PydanticBaseSettingsSource

from graphql_api.composition.setting_files import from_files, without

Source = Callable[[], Mapping[str, Any]]


def layers(
    names: Collection[str],
    environment: PydanticBaseSettingsSource,
    env_file: PydanticBaseSettingsSource,
) -> list[Source]:
    """Return the sources, the first one first: each place's own values, then those in files it names.

    What the environment gives, in either way, is not looked for in the file ``.env``.
    """
    given, written = _given(environment), _given(env_file)
    rest = without(names, given)
    return [
        environment,
        from_files(names, given),
        partial(_only, rest, env_file),
        from_files(rest, written),
    ]


def _given(source: PydanticBaseSettingsSource) -> dict[str, str]:
    """Return the place's variables; an empty one is absent."""
    variables = source.env_vars if isinstance(source, EnvSettingsSource) else {}
    return {name: value for name, value in variables.items() if value}


def _only(names: Collection[str], source: PydanticBaseSettingsSource) -> dict[str, Any]:
    return {name: value for name, value in source().items() if name in names}
