"""Tokens of an OpenID provider: good ones make callers, all others are refused by name."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from graphql_api.access.errors import CredentialEndedError, IssuerUnavailableError, UnauthenticatedError
from graphql_api.access.oidc import LEEWAY_S, Issuer, Tokens
from graphql_api.scopes import Scope
from tests.access.issuer import AUDIENCE, PRIVATE, OpenIdProvider, open_id_provider


@pytest.fixture
async def provider() -> AsyncIterator[OpenIdProvider]:
    """Yield a provider."""
    async with open_id_provider() as provider:
        yield provider


@pytest.fixture
async def tokens(provider: OpenIdProvider) -> AsyncIterator[Tokens]:
    """Yield a reader of its tokens."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        yield Tokens(issued_by(provider), http=http)


def issued_by(provider: OpenIdProvider) -> Issuer:
    """Return the provider as the issuer of the tests."""
    return Issuer(url=provider.url, audience=AUDIENCE, tenant_claim="tenant", scope_claim="scope")


def moved(seconds: float) -> datetime:
    """Return a moment that many seconds from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def refusal(tokens: Tokens, token: str) -> str:
    """Return why the token is refused."""
    with pytest.raises(UnauthenticatedError) as refused:
        await tokens.caller(token, address=None)
    return refused.value.message


@pytest.mark.parametrize(("key", "algorithm"), [("one", "RS256"), ("one", "PS512"), ("curve", "ES256")])
async def test_a_good_token_is_its_caller(
    tokens: Tokens, provider: OpenIdProvider, key: str, algorithm: str
) -> None:
    """With the tenant and the scopes that it claims; scopes of other services mean nothing."""
    expires_at = moved(300).replace(microsecond=0)
    token = provider.token(key=key, algorithm=algorithm, exp=expires_at)
    caller = await tokens.caller(token, address="::1")
    assert (caller.tenant, caller.subject, caller.address) == ("acme", "ada", "::1")
    assert caller.scopes == {Scope.FINETUNINGS_READ}
    assert caller.expires_at == expires_at + timedelta(seconds=LEEWAY_S)
    assert caller.credential_id is not None
    assert caller.credential_id not in token


NO_TENANT = "The token's claim tenant has to be a text of 1 to 200 characters."
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"exp": timedelta(seconds=-60)}, "The token has expired."),
    "not yet": ({"nbf": timedelta(seconds=60)}, "The token is not valid yet."),
    "audience": ({"aud": "another"}, "The token is for another audience."),
    "no audience": ({"aud": None}, "The token has no claim aud."),
    "issuer": ({"iss": "https://evil.example"}, "The token is of another issuer."),
    "no end": ({"exp": None}, "The token has no claim exp."),
    "no subject": ({"sub": None}, "The token has no claim sub."),
    "no tenant": ({"tenant": None}, "The token's claim tenant has to be a text of 1 to 200 characters."),
    "list of tenants": (
        {"tenant": ["a"]},
        "The token's claim tenant has to be a text of 1 to 200 characters.",
    ),
    "foreign key": ({"key": "foreign"}, "The token is signed with a key that the issuer does not publish."),
}


@pytest.mark.parametrize("changes", BAD)
async def test_a_bad_token_is_refused(tokens: Tokens, provider: OpenIdProvider, changes: str) -> None:
    """The refusal names what is wrong, and repeats nothing of the token."""
    given, message = BAD[changes]
    now = datetime.now(UTC)
    made: dict[str, Any] = {
        name: now + value if isinstance(value, timedelta) else value for name, value in given.items()
    }
    assert await refusal(tokens, provider.token(**made)) == message


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -10), ("nbf", 10), ("iat", 10)])
async def test_clocks_may_differ_a_little(
    tokens: Tokens, provider: OpenIdProvider, claim: str, seconds: float
) -> None:
    """By less than half a minute, either way."""
    changes: dict[str, Any] = {claim: moved(seconds)}
    assert (await tokens.caller(provider.token(**changes), address=None)).subject == "ada"


def forged(header: dict[str, Any], claims: dict[str, Any], *, secret: bytes = b"") -> str:
    """Return a token made by hand."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(secret, b".".join(parts), sha256) if secret else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def claims_of(provider: OpenIdProvider) -> dict[str, Any]:
    """Return good claims."""
    return {"iss": provider.url, "aud": AUDIENCE, "sub": "eve", "tenant": "acme", "exp": 4_000_000_000}


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_an_unsigned_token_is_refused(tokens: Tokens, provider: OpenIdProvider, algorithm: str) -> None:
    """However its algorithm is spelt."""
    token = forged({"alg": algorithm, "kid": "one", "typ": "JWT"}, claims_of(provider))
    assert await refusal(tokens, token) == "The token's signature is not accepted."


async def test_an_hmac_with_the_public_key_is_refused(tokens: Tokens, provider: OpenIdProvider) -> None:
    """Anybody could make one."""
    private = PRIVATE["one"]
    assert isinstance(private, RSAPrivateKey)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    token = forged({"alg": "HS256", "kid": "one", "typ": "JWT"}, claims_of(provider), secret=public)
    assert await refusal(tokens, token) == "The token's signature is not accepted."


async def test_a_changed_token_is_refused(tokens: Tokens, provider: OpenIdProvider) -> None:
    """Its signature is of other claims."""
    head, _, signature = provider.token().split(".")
    other = provider.token(tenant="other").split(".")[1]
    assert await refusal(tokens, f"{head}.{other}.{signature}") == "The token's signature is not accepted."


@pytest.mark.parametrize("token", ["..", "a.b.c", "e30.e30.", "é.é.é"])
async def test_a_malformed_token_is_refused(tokens: Tokens, token: str) -> None:
    """Without a look at the issuer."""
    assert await refusal(tokens, token) in {"The token is malformed.", "The token names no key."}


async def test_a_rotated_key_is_found(provider: OpenIdProvider) -> None:
    """At its first token; a key that is no longer published is refused after that."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        tokens = Tokens(issued_by(provider), http=http, refreshed_s=0)
        old = provider.token()
        await tokens.caller(old, address=None)
        provider.published = ["two"]
        assert (await tokens.caller(provider.token(key="two"), address=None)).subject == "ada"
        assert (
            await refusal(tokens, old) == "The token is signed with a key that the issuer does not publish."
        )


async def test_invented_keys_do_not_flood_the_issuer(tokens: Tokens, provider: OpenIdProvider) -> None:
    """A hundred of them cost one fetch, and good tokens go on."""
    await tokens.caller(provider.token(), address=None)
    bad = provider.token(key="foreign")
    await asyncio.gather(*(refusal(tokens, bad) for _ in range(100)))
    assert provider.fetches == 1
    assert (await tokens.caller(provider.token(), address=None)).subject == "ada"


async def test_an_issuer_out_of_reach_is_no_refusal(tokens: Tokens, provider: OpenIdProvider) -> None:
    """The client cannot mend it, and must not throw its token away."""
    provider.is_down = True
    with pytest.raises(IssuerUnavailableError):
        await tokens.caller(provider.token(), address=None)


async def test_an_issuer_that_names_another_is_not_believed(tokens: Tokens, provider: OpenIdProvider) -> None:
    """Its keys are not taken."""
    provider.claimed_url = "https://evil.example"
    with pytest.raises(IssuerUnavailableError):
        await tokens.caller(provider.token(), address=None)
    assert provider.fetches == 0


async def test_an_accepted_token_is_recalled(tokens: Tokens, provider: OpenIdProvider) -> None:
    """A refused one is not, and neither is one that was never shown."""
    good, bad = provider.token(), provider.token(aud="another")
    assert not tokens.recalls(good)
    await tokens.caller(good, address=None)
    await refusal(tokens, bad)
    assert [tokens.recalls(one) for one in (good, bad)] == [True, False]


async def test_an_expired_token_is_told_from_a_wrong_one(tokens: Tokens, provider: OpenIdProvider) -> None:
    """Its signature is checked first: a forged one is not merely expired."""
    with pytest.raises(CredentialEndedError):
        await tokens.caller(provider.token(exp=moved(-60)), address=None)
    head, claims, _ = provider.token(exp=moved(-60)).split(".")
    with pytest.raises(UnauthenticatedError) as refused:
        await tokens.caller(f"{head}.{claims}.AAAA", address=None)
    assert not isinstance(refused.value, CredentialEndedError)


async def test_all_tokens_of_a_subject_have_one_budget(tokens: Tokens, provider: OpenIdProvider) -> None:
    """Else a client would get a new budget with each new token; another tenant's subject has its own."""
    claims: list[dict[str, Any]] = [{}, {"exp": moved(600)}, {"sub": "bob"}, {"tenant": "other"}]
    callers = [await tokens.caller(provider.token(**each), address=None) for each in claims]
    assert len({caller.credential_id for caller in callers}) == 4
    accounts = [caller.account for caller in callers]
    assert accounts[0] == accounts[1]
    assert len(set(accounts)) == 3
