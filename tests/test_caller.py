"""The caller without authentication.

It is anonymous, in the one tenant, without a scope.
"""

from graphql_api.caller import ANONYMOUS, DEFAULT_TENANT, Caller, anonymous_for


async def test_any_payload_is_an_anonymous_callers() -> None:
    """A client's own words about itself give it neither a tenant nor a scope."""
    caller = await anonymous_for({"tenant": "other", "subject": "ada", "scopes": ["admin"]})
    assert caller is ANONYMOUS
    assert caller == Caller(tenant="default", subject=None, scopes=frozenset())
    assert DEFAULT_TENANT == "default"
