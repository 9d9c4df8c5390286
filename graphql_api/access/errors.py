"""The refusals of callers, each with a code for clients."""

from collections.abc import Iterable

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
