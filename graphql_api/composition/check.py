"""What ``graphql-api check`` finds out before anything depends on it."""

from contextlib import AsyncExitStack

from graphql_api.composition.app import trusted_documents
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.resources import open_providers
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.providers.port import ProviderFault
from graphql_api.store.marks import latest_marks_are_lost
from graphql_api.store.suitability import Remark

MARKS_LOST = Remark(
    "the latest job that it made does not show the metadata that was sent: its jobs are known by their "
    "training files alone"
)


async def diagnose(settings: Settings) -> dict[str, str | None]:
    """Return what is wrong with each part, ``None`` for nothing; none of them needs another.

    A ``Remark`` is about a part that will do all the same.
    """
    mongodb, marks = await _mongodb_findings(settings)
    return {
        "settings": _settings_problem(settings),
        "mongodb": mongodb,
        "provider": await _provider_problem(settings) or marks,
    }


def _settings_problem(settings: Settings) -> str | None:
    """Return what is wrong with a file that a setting names; the settings themselves were checked before."""
    try:
        trusted_documents(settings.trusted_documents)
    except StartError as reason:
        return str(reason)
    return None


async def _mongodb_findings(settings: Settings) -> tuple[str | None, Remark | None]:
    """Return what is to be said of MongoDB and, by what is stored there, of the provider.

    Whether it keeps a job's metadata shows only in jobs that were made, and a check makes none.
    """
    try:
        async with AsyncExitStack() as stack:
            opened, _ = await open_database(stack, settings)
            return opened.remark, MARKS_LOST if await latest_marks_are_lost() else None
    except StartError as reason:
        return str(reason), None


async def _provider_problem(settings: Settings) -> str | None:
    try:
        providers = open_providers(settings)
    except StartError as reason:
        return str(reason)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(providers.close)
        try:
            async for _ in providers.named("openai").list_jobs():
                break
        except ProviderFault as fault:
            return fault.message
    return None
