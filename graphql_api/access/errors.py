"""The refusals of callers, each with a code for clients."""

from collections.abc import Iterable
from datetime import datetime

from graphql_api.errors import ExpectedError


class UnauthenticatedError(ExpectedError):
    """The request has no credential, or one that is not accepted."""

    code = "UNAUTHENTICATED"


class CredentialEndedError(UnauthenticatedError):
    """The credential is genuine, and revoked or expired."""


class RateLimitedError(ExpectedError):
    """The caller has used up a budget; ``retry_after_s`` is the time until there is room again."""

    code = "RATE_LIMITED"

    def __init__(self, reason: str, *, retry_after_s: int) -> None:
        super().__init__(f"{reason}; try again in {retry_after_s} s.", retryAfter=retry_after_s)


class QuotaExceededError(ExpectedError):
    """The tenant has used up a quota of money; ``free_at`` is the time of its end, if that is known."""

    code = "QUOTA_EXCEEDED"

    def __init__(self, quota: str, *, limit: int, free_at: datetime | None) -> None:
        until = "when one of them ends" if free_at is None else f"at {free_at.isoformat()}"
        super().__init__(
            f"The quota of {limit} {quota} is used up; there is room again {until}.",
            quota=quota,
            limit=limit,
            freeAt=None if free_at is None else free_at.isoformat(),
        )


class IssuerUnavailableError(ExpectedError):
    """The issuer of tokens does not answer, and its keys are not known yet."""

    code = "ISSUER_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The issuer of tokens does not answer, so no token can be checked; try again.")


class ForbiddenError(ExpectedError):
    """The caller's credential lacks a scope; ``scopes`` are the sets that would do, each complete."""

    code = "FORBIDDEN"

    def __init__(self, field: str, *, scopes: Iterable[Iterable[str]]) -> None:
        alternatives = sorted(sorted(one) for one in scopes)
        named = " or ".join(" and ".join(one) for one in alternatives)
        super().__init__(f"{field} requires the scope {named}.", field=field, requiredScopes=alternatives)


class ApiKeysOffError(ExpectedError):
    """This server takes no API keys."""

    code = "API_KEYS_OFF"

    def __init__(self) -> None:
        super().__init__("This server takes no API keys: its setting AUTH does not name keys.")


class ApiKeyNotFoundError(ExpectedError):
    """This caller's tenant has no API key with this id."""

    code = "API_KEY_NOT_FOUND"

    def __init__(self, api_key_id: object) -> None:
        super().__init__(f"There is no API key {api_key_id}.", apiKeyId=str(api_key_id))
