"""The environment of a process to be started.

It is this process's own, with the server's settings as given.
"""

import os
from collections.abc import Mapping

from graphql_api.composition.settings import Settings


def environment(settings: Mapping[str, object], *, measured: bool = False) -> dict[str, str]:
    """Return this process's environment with these settings of the server only; ``None`` is not set.

    A ``measured`` process counts for the coverage of this one, if that is measured itself; it takes twice as
    long, and has no figures to give after a ``kill -9``.
    """
    inherited = {
        key: value
        for key, value in os.environ.items()
        if key.lower() not in Settings.model_fields and (measured or not key.startswith("COVERAGE_"))
    }
    given = {key.upper(): str(value) for key, value in settings.items() if value is not None}
    return inherited | given
