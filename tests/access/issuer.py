"""An OpenID provider on loopback, whose keys and documents a test owns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from graphql_api.composition.server import answering, listen
from graphql_api.composition.settings import Settings

AUDIENCE = "finetuning"
PRIVATE: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
    **{name: rsa.generate_private_key(65537, 2048) for name in ("one", "two", "foreign")},
    "curve": ec.generate_private_key(ec.SECP256R1()),
}


def _published(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return ECAlgorithm.to_jwk(key.public_key(), as_dict=True)


@dataclass(slots=True, kw_only=True)
class OpenIdProvider:
    """Signs tokens, and publishes the keys named in ``published``; counts the fetches of its keys."""

    url: str = ""
    published: list[str] = field(default_factory=lambda: ["one", "curve"])
    claimed_url: str | None = None
    is_down: bool = False
    fetches: int = 0

    def token(self, *, key: str = "one", algorithm: str = "RS256", **changes: Any) -> str:
        """Return a good token, but for what is changed; ``None`` leaves a claim out."""
        now = datetime.now(UTC)
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "tenant": "acme",
            "scope": "openid finetunings:read",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            **changes,
        }
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, PRIVATE[key], algorithm=algorithm, headers={"kid": key})

    def jwks(self) -> dict[str, Any]:
        """Return the published keys."""
        return {"keys": [_published(PRIVATE[name]) | {"kid": name} for name in self.published]}


@asynccontextmanager
async def open_id_provider() -> AsyncIterator[OpenIdProvider]:
    """Serve a provider on a loopback port."""
    provider = OpenIdProvider()

    async def about(_: Request) -> Response:
        if provider.is_down:
            return PlainTextResponse("down", status_code=503)
        return JSONResponse(
            {"issuer": provider.claimed_url or provider.url, "jwks_uri": f"{provider.url}/keys"}
        )

    async def keys(_: Request) -> Response:
        provider.fetches += 1
        return JSONResponse(provider.jwks())

    app = Starlette(routes=[Route("/.well-known/openid-configuration", about), Route("/keys", keys)])
    with listen("127.0.0.1", 0, unread_s=15) as listener:
        provider.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with answering(app, listener, settings=Settings()):
            yield provider
