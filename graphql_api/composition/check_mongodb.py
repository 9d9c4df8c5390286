"""Checks MongoDB, embedded or not, and leaves nothing behind."""

import os
import re
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from graphql_api.composition.finding import Finding
from graphql_api.composition.mongodb import mongodb_address
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.store.inspection import inspected
from graphql_api.store.marks import latest_marks_are_lost
from graphql_api.store.opening import Access, UnusableMongodbError
from graphql_api.store.suitability import Remark

MARKS_LOST = Remark(
    "its latest job does not show the metadata sent with it: its jobs are known by their training files alone"
)


async def mongodb_findings(settings: Settings) -> tuple[Finding, Remark | None]:
    """Return the findings on MongoDB and, from its stored jobs, on the provider.

    Only made jobs show whether the provider keeps metadata, and a check makes no job.
    """
    if settings.mongodb_uri is not None:
        uri = settings.mongodb_uri.get_secret_value()
        looked_at = f"{_hosts(uri)}, database {settings.mongodb_database}"
        return await _look(uri, settings, looked_at=looked_at, named="MONGODB_URI")
    from graphql_api.embedded_mongod.unix_socket import running_uri

    directory = settings.data_dir
    running = running_uri(directory)
    if running is not None:
        looked_at = f"embedded, run by a server in {directory}"
        return await _look(running, settings, looked_at=looked_at, named="DATA_DIR")
    return await _look_at_a_trial(settings)


async def _look_at_a_trial(settings: Settings) -> tuple[Finding, Remark | None]:
    """Start a mongod on a temporary directory: on the real one it would write."""
    directory = settings.data_dir
    state = "its data there are not opened" if (directory / "mongodb").exists() else "a start will make it"
    looked_at = f"embedded, a trial in a temporary folder; DATA_DIR {directory}: {state}"
    if (problem := _directory_problem(directory)) is not None:
        return Finding(looked_at, problem), None
    with TemporaryDirectory(prefix="graphql-api-check-") as trial:
        elsewhere = settings.model_copy(update={"data_dir": Path(trial)})
        async with AsyncExitStack() as stack:
            try:
                uri, _ = await mongodb_address(stack, elsewhere)
            except StartError as reason:
                return Finding(looked_at, str(reason)), None
            return await _look(uri, settings, looked_at=looked_at, named="MONGOD_BINARY")


async def _look(uri: str, settings: Settings, *, looked_at: str, named: str) -> tuple[Finding, Remark | None]:
    access = Access(uri=uri, database=settings.mongodb_database, timeout_s=settings.mongodb_timeout_s)
    try:
        async with inspected(access) as remark:
            return Finding(looked_at, remark), MARKS_LOST if await latest_marks_are_lost() else None
    except UnusableMongodbError as unusable:
        return Finding(looked_at, f"{named}: {unusable}"), None


def _directory_problem(directory: Path) -> str | None:
    """Return why the data directory could not be made or written, without a try."""
    there = directory.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        return f"DATA_DIR: {there} is not a directory"
    return None if os.access(there, os.W_OK | os.X_OK) else f"DATA_DIR: {there} cannot be written"


def _hosts(uri: str) -> str:
    """Return the hosts alone: credentials and options may have secrets."""
    return re.split("[/?]", uri.partition("://")[2].rpartition("@")[2])[0]
