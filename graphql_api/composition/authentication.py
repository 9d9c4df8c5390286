"""Makes the gate of the settings: who may call, and with which credentials."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from functools import partial

import httpx2

from graphql_api.access.endings import Endings
from graphql_api.access.gate import CallerSource, Gate
from graphql_api.access.keys import ApiKeys
from graphql_api.access.oidc import Issuer, Tokens
from graphql_api.address import is_loopback
from graphql_api.composition.kept_secrets import kept
from graphql_api.composition.setting_types import OFF
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.errors import first_line
from graphql_api.rate_limits import Budget, Counts

PEPPER_FILE = "key_pepper"
"""Beside the embedded database: it is of no use without the other."""
NOBODY_ASKED = (
    "HOST: {host} can be reached from other machines, and no authentication is configured. "
    "Set AUTH=keys (make the first key with graphql-api keys create --admin), "
    "or AUTH=none to let everybody do everything"
)


def check_exposure(settings: Settings) -> None:
    """Raise ``StartError`` if strangers could reach a server that asks nobody."""
    if settings.auth is None and not is_loopback(settings.host):
        raise StartError(NOBODY_ASKED.format(host=settings.host))


async def open_gate(settings: Settings, stack: AsyncExitStack) -> Gate:
    """Return the gate, with its keys read and renewed up to the end of the stack."""
    endings, sources, keys = Endings(), list[CallerSource](), None
    if "keys" in settings.auth_modes:
        keys = ApiKeys(pepper=pepper(settings), endings=endings)
        await keys.renew()
        renewal = asyncio.create_task(keys.renewal())
        stack.push_async_callback(_end, renewal)
        sources.append(keys)
    if "oidc" in settings.auth_modes:
        http = await stack.enter_async_context(httpx2.AsyncClient(follow_redirects=False))
        sources.append(Tokens(_issuer(settings), http=http))
    failures = None
    if settings.auth_failure_limit != OFF:
        failures = Budget.of(settings.auth_failure_limit, Counts(), kind="failures")
    return Gate(sources=tuple(sources), keys=keys, endings=endings, failures=failures)


def _issuer(settings: Settings) -> Issuer:
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        raise StartError("OIDC_ISSUER, OIDC_AUDIENCE: AUTH names oidc, which needs both")
    return Issuer(
        url=settings.oidc_issuer,
        audience=settings.oidc_audience,
        tenant_claim=settings.oidc_tenant_claim,
        scope_claim=settings.oidc_scope_claim,
    )


def in_one_line(settings: Settings) -> str:
    """Return who may do what, for the log of the start."""
    if settings.auth_modes:
        return f"callers need a credential ({', '.join(settings.auth_modes)}), each with its own scopes"
    if is_loopback(settings.host):
        return "everybody on this machine may do everything"
    return "everybody who reaches this server may do everything (AUTH=none)"


def pepper(settings: Settings) -> bytes:
    """Return the key of the stored keys' digests; it is made beside an embedded database."""
    if settings.key_pepper is not None:
        return settings.key_pepper.get_secret_value().encode()
    if settings.mongodb_uri is not None:
        raise StartError("KEY_PEPPER: API keys in a MongoDB of your own need it, the same on every server")
    file = settings.data_dir / PEPPER_FILE
    try:
        return kept(file, made=partial(secrets.token_urlsafe, 48)).encode()
    except OSError as unusable:
        raise StartError(f"DATA_DIR: cannot keep {file}: {first_line(unusable)}") from unusable


async def _end(renewal: "asyncio.Task[object]") -> None:
    renewal.cancel()
    await asyncio.gather(renewal, return_exceptions=True)
