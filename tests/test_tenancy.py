"""A scope names one tenant, and nothing else."""

from graphql_api.caller import Caller
from graphql_api.tenancy import TenantScope


def test_a_scope_is_made_of_a_caller() -> None:
    """Equal tenants are equal scopes, for any caller."""
    ada, bob = Caller(tenant="a", subject="ada"), Caller(tenant="a", subject="bob")
    assert TenantScope.of(ada) == TenantScope.of(bob) == TenantScope("a")
    assert TenantScope.of(ada) != TenantScope("b")


def test_its_filter_names_the_tenant_alone() -> None:
    """A store operation adds its own conditions."""
    assert TenantScope("a").where == {"tenant": "a"}
