"""The findings of ``graphql-api check``, before any start."""

from contextlib import AsyncExitStack

from graphql_api.composition.app import trusted_documents
from graphql_api.composition.authentication import check_exposure
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.resources import open_providers
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.providers.port import ProviderFault
from graphql_api.store.marks import latest_marks_are_lost
from graphql_api.store.suitability import Remark

MARKS_LOST = Remark(
    "its latest job does not show the metadata sent with it: its jobs are known by their training files alone"
)


async def diagnose(settings: Settings) -> dict[str, str | None]:
    """Return each part's problem, or ``None``; each part is checked by itself.

    A ``Remark`` is about a usable part.
    """
    mongodb, marks = await _mongodb_findings(settings)
    return {
        "settings": _settings_problem(settings),
        "mongodb": mongodb,
        "provider": await _provider_problem(settings) or marks,
    }


def _settings_problem(settings: Settings) -> str | None:
    """Return the problem of settings that are good one by one."""
    try:
        check_exposure(settings)
        trusted_documents(settings.trusted_documents)
    except StartError as reason:
        return str(reason)
    return None


async def _mongodb_findings(settings: Settings) -> tuple[str | None, Remark | None]:
    """Return the findings on MongoDB and, from its stored jobs, on the provider.

    Only made jobs show whether the provider keeps metadata, and a check makes no job.
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
