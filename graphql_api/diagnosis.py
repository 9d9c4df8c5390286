"""What ``graphql-api check`` finds out about MongoDB and the provider before anything depends on them."""

from graphql_api.providers.port import FinetuningProvider, ProviderFault
from graphql_api.resources import StartError, open_resources
from graphql_api.sandbox.mongod_errors import EmbeddedMongodError
from graphql_api.settings import Settings


async def diagnose(settings: Settings) -> dict[str, str | None]:
    """Return what is wrong with each part, ``None`` for nothing."""
    try:
        async with open_resources(settings) as resources:
            return {
                "mongodb": None,
                "provider": await _provider_problem(resources.providers.named("openai")),
            }
    except (StartError, EmbeddedMongodError) as reason:
        return {"start": str(reason)}


async def _provider_problem(provider: FinetuningProvider) -> str | None:
    try:
        async for _ in provider.list_jobs():
            break
    except ProviderFault as fault:
        return fault.message
    return None
