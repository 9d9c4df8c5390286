"""The caller: its tenant, its rights, and the one without a credential."""

from graphql_api.caller import ANONYMOUS, DEFAULT_TENANT, Caller
from graphql_api.scopes import ALL_SCOPES, Scope

READ = frozenset({Scope.FINETUNINGS_READ})
CANCEL = frozenset({Scope.FINETUNINGS_CANCEL})


def test_the_anonymous_caller_may_do_everything_in_one_tenant() -> None:
    """It exists only where no authentication is configured."""
    assert Caller(tenant="default", scopes=ALL_SCOPES) == ANONYMOUS
    assert (DEFAULT_TENANT, ANONYMOUS.credential_id) == ("default", None)


def test_a_caller_needs_all_scopes_of_one_alternative() -> None:
    """An empty one admits everybody."""
    reader = Caller(scopes=READ)
    assert not reader.lacks(frozenset({READ}))
    assert not reader.lacks(frozenset({CANCEL, READ}))
    assert reader.lacks(frozenset({READ | CANCEL}))
    assert not Caller().lacks(frozenset({frozenset()}))
