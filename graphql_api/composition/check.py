"""The findings of ``graphql-api check``, before any start."""

from contextlib import AsyncExitStack

from graphql_api.composition.accounts import own_accounts
from graphql_api.composition.app import trusted_documents
from graphql_api.composition.authentication import check_exposure
from graphql_api.composition.check_address import address_finding
from graphql_api.composition.check_mongodb import mongodb_findings
from graphql_api.composition.finding import Finding
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.providers.port import ProviderFault


async def diagnose(settings: Settings) -> dict[str, Finding]:
    """Return the finding on each part; each is checked by itself, beside a running server or not.

    Nothing of it stays in MongoDB, on the disk or at the provider.
    """
    mongodb, marks = await mongodb_findings(settings)
    provider = f"{settings.openai_base_url or 'OpenAI'}, asked for its newest job"
    return {
        "settings": Finding("each by itself and all together", _settings_problem(settings)),
        "mongodb": mongodb,
        "address": await address_finding(settings),
        "provider": Finding(provider, await _provider_problem(settings) or marks),
    }


def _settings_problem(settings: Settings) -> str | None:
    """Return the problem of settings that are good one by one."""
    try:
        check_exposure(settings)
        trusted_documents(settings.trusted_documents)
    except StartError as reason:
        return str(reason)
    return None


async def _provider_problem(settings: Settings) -> str | None:
    try:
        providers = own_accounts(settings)
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
