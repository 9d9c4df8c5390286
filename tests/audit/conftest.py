"""Entries of the tests' database."""

from graphql_api.audit.attempts import Attempt
from graphql_api.caller import Caller
from graphql_api.documents import AuditEntry

ADA = Caller(tenant="acme", subject="ada", credential_id="k", address="192.0.2.7")
ATTEMPT = Attempt(action="cancelFinetuning", caller=ADA, request_id="r")


async def stored() -> list[AuditEntry]:
    """Return the entries in the order of their making."""
    return await AuditEntry.find_all().sort("+_id").to_list()
