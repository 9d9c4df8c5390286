"""Refused lists, as clients see them.

They keep nothing open for ever.
"""

from graphql_api.documents import Finetuning
from graphql_api.sandbox.faults import Fault, FaultKind
from tests.provider_faults import LOST, at
from tests.schema.conftest import Client

NO_LISTS = Fault(kind=FaultKind.STATUS, operation="jobs.list", status=400, message="No lists.", times=None)
WORDS = "The provider refused the request (400): No lists."
ONE = """
query One($id: ID!) {
  finetuning(id: $id) { status error lastFault { message } cancellation { phase lastError } }
}
"""
CANCEL = "mutation Cancel($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }"
DELETE = "mutation Delete($id: ID!) { deleteFinetuning(finetuningId: $id) { phase } }"
DELETE_CONNECTION = "mutation D($id: ID!) { deleteDbConnection(dbConnectionId: $id) { dbConnectionId } }"


async def unanswered(client: Client) -> Finetuning:
    """Return a finetuning with a failed create call, at an endpoint with refused lists."""
    client.world.fault(at("jobs.create", LOST["500"]))
    client.world.fault(NO_LISTS)
    created = await client.world.create()
    await client.world.work()
    return created


async def test_a_training_fails_and_can_be_deleted(client: Client) -> None:
    """It is queued for no longer than the grace time and a pause, and says all the while why."""
    created = await unanswered(client)
    await client.world.drain(seconds=60)
    queued = (await client.data(ONE, id=str(created.id)))["finetuning"]
    assert queued == {
        "status": "QUEUED",
        "error": None,
        "lastFault": {"message": WORDS},
        "cancellation": None,
    }
    await client.world.drain(seconds=130)
    failed = (await client.data(ONE, id=str(created.id)))["finetuning"]
    unknown = "It is not known whether the create call made a job"
    why = "because the provider does not list its jobs"
    assert (failed["status"], failed["error"]) == ("FAILED", f"{unknown}, {why}. {WORDS}")


async def test_a_cancel_ends_and_frees_the_connection(client: Client) -> None:
    """It says that the cancel was not confirmed, and why."""
    created = await unanswered(client)
    asked = await client.data(CANCEL, id=str(created.id))
    assert asked == {"cancelFinetuning": {"status": "QUEUED"}}
    connection_id = str(created.db_connection_id)
    assert (await client.refusal(DELETE_CONNECTION, id=connection_id))["code"] == "DB_CONNECTION_IN_USE"
    await client.world.drain(seconds=190)
    cancelled = (await client.data(ONE, id=str(created.id)))["finetuning"]
    assert (cancelled["status"], cancelled["cancellation"]) == (
        "CANCELLED",
        {"phase": "UNCONFIRMED", "lastError": WORDS},
    )
    assert await client.data(DELETE_CONNECTION, id=connection_id) is not None


async def test_a_deletion_ends(client: Client) -> None:
    """It waits for the cancel, and then looks for other jobs through one more grace time."""
    created = await unanswered(client)
    assert await client.data(DELETE, id=str(created.id)) == {"deleteFinetuning": {"phase": "REQUESTED"}}
    await client.world.drain(seconds=400)
    assert await client.data(ONE, id=str(created.id)) == {"finetuning": None}
