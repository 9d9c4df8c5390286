"""Tokens of an OpenID provider: JSON Web Tokens signed with keys that the issuer publishes.

PyJWT verifies them. The issuer's keys are fetched at the first token and again after ``KEPT_S``, or for a
key that is not known yet, but at most every ``REFRESHED_S``.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx2
import jwt
import structlog

from graphql_api.access.errors import CredentialEndedError, IssuerUnavailableError, UnauthenticatedError
from graphql_api.bounded_cache import BoundedCache
from graphql_api.caller import Caller
from graphql_api.scopes import Scope

log = structlog.get_logger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones alone: with HMAC, anybody could sign with the public key."""
LEEWAY_S = 30
"""How far the clocks of the issuer and of this machine may differ."""
KEPT_S = 15 * 60
REFRESHED_S = 30
"""The shortest time between two fetches: tokens with invented key ids must not flood the issuer."""
FETCH_LIMIT_S = 5
REQUIRED = ("exp", "iss", "aud", "sub")
LONGEST_CLAIM = 200
RECALLED_CHARACTERS = 1_000_000
"""Room for the digests of some thousand accepted tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Whose tokens are accepted, for whom they must be, and which claims name the tenant and the scopes."""

    url: str
    audience: str
    tenant_claim: str
    scope_claim: str


class Tokens:
    """Reads the tokens of one issuer; ``http`` is the client for the issuer's documents.

    ``refreshed_s`` is the shortest time between two fetches.
    """

    def __init__(self, issuer: Issuer, *, http: httpx2.AsyncClient, refreshed_s: float = REFRESHED_S) -> None:
        self._issuer = issuer
        self._http = http
        self._refreshed_s = refreshed_s
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()
        self._accepted = BoundedCache[bool](most_characters=RECALLED_CHARACTERS, entry_characters=200)

    def reads(self, token: str) -> bool:
        """Return whether the token has the three parts of a JSON Web Token."""
        return token.count(".") == 2

    def recalls(self, token: str) -> bool:
        """Return whether this token was accepted lately."""
        return self._accepted.get(_digest(token)) is not None

    async def caller(self, token: str, *, address: str | None) -> Caller:
        """Return the token's caller.

        Raises ``UnauthenticatedError``, or ``IssuerUnavailableError`` before the first keys are known.
        """
        key = await self._key(_header(token))
        claims = self._claims(token, key)
        caller = Caller(
            tenant=_text(claims, self._issuer.tenant_claim),
            subject=_text(claims, "sub"),
            scopes=_scopes(claims.get(self._issuer.scope_claim)),
            credential_id=_digest(token),
            expires_at=datetime.fromtimestamp(claims["exp"] + LEEWAY_S, UTC),
            address=address,
            owner=json.dumps([claims[self._issuer.tenant_claim], claims["sub"]]),
        )
        self._accepted.keep(_digest(token), value=True)
        return caller

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=ALGORITHMS,
                issuer=self._issuer.url,
                audience=self._issuer.audience,
                leeway=LEEWAY_S,
                options={"require": list(REQUIRED)},
            )
        except jwt.PyJWTError as refused:
            is_over = isinstance(refused, jwt.ExpiredSignatureError)  # told after its signature was right
            kind = CredentialEndedError if is_over else UnauthenticatedError
            raise kind(_reason(refused)) from None
        return claims

    async def _key(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        """Return the key that the token names, after a look at the issuer for one that is not known."""
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise UnauthenticatedError("The token names no key.")
        if key_id not in self._keys or self._age() > KEPT_S:
            await self._refresh(key_id)
        if key_id not in self._keys:
            raise UnauthenticatedError("The token is signed with a key that the issuer does not publish.")
        return self._keys[key_id]

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else _now() - self._fetched_at

    async def _refresh(self, key_id: str) -> None:
        async with self._fetching:  # all who wait share one fetch
            if key_id in self._keys and self._age() <= KEPT_S:
                return
            if self._tried_at is None or _now() - self._tried_at >= self._refreshed_s:
                self._tried_at = _now()
                await self._fetch()
            if self._fetched_at is None:
                raise IssuerUnavailableError

    async def _fetch(self) -> None:
        """Fetch the keys; after a failure the ones known so far stay."""
        try:
            published = await self._published()
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, jwt.PyJWTError) as problem:
            log.warning("the issuer's keys could not be fetched", issuer=self._issuer.url, error=str(problem))
            return
        self._keys = {key.key_id: key for key in published.keys if key.key_id and key.key_type != "oct"}
        self._fetched_at = _now()

    async def _published(self) -> jwt.PyJWKSet:
        about = await self._json(f"{self._issuer.url.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != self._issuer.url:
            raise ValueError("the issuer's own document names another issuer")
        return jwt.PyJWKSet.from_dict(await self._json(about["jwks_uri"]))

    async def _json(self, url: str) -> dict[str, Any]:
        answer = await self._http.get(url, timeout=FETCH_LIMIT_S)
        answer.raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise TypeError(f"{url} is no JSON object")
        return found


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise UnauthenticatedError("The token is malformed.") from None


def _reason(refused: jwt.PyJWTError) -> str:
    """Return why the token is refused, without any of its content."""
    if isinstance(refused, jwt.ExpiredSignatureError):
        return "The token has expired."
    if isinstance(refused, jwt.ImmatureSignatureError):
        return "The token is not valid yet."
    if isinstance(refused, jwt.InvalidAudienceError):
        return "The token is for another audience."
    if isinstance(refused, jwt.InvalidIssuerError):
        return "The token is of another issuer."
    if isinstance(refused, jwt.MissingRequiredClaimError):
        return f"The token has no claim {refused.claim}."
    return "The token's signature is not accepted."


def _text(claims: Mapping[str, Any], name: str) -> str:
    """Return a claim that has to be a short text."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_CLAIM or "\0" in value:
        raise UnauthenticatedError(
            f"The token's claim {name} has to be a text of 1 to {LONGEST_CLAIM} characters."
        )
    return value


def _scopes(claim: object) -> frozenset[Scope]:
    """Return the scopes in a claim: words in a text, or a list; words of other services mean nothing here."""
    words = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    known = {scope.value: scope for scope in Scope}
    return frozenset(known[word] for word in words if isinstance(word, str) and word in known)
