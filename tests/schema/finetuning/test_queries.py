"""The filters of finetunings."""

from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import Finetuning, FinetuningStatus
from tests.schema.conftest import MIDNIGHT, Client, minutes, store_finetunings

PAGE = """
query Page($filter: FinetuningFilter, $first: Int, $after: String) {
  finetunings(filter: $filter, first: $first, after: $after) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def ids_of(client: Client, **filter_: Any) -> list[str]:
    """Return the ids of the first page that meets the conditions."""
    data = await client.data(PAGE, filter=filter_, first=100)
    return [node["id"] for node in data["finetunings"]["nodes"]]


OID = "65f0c0ffee65f0c0ffee65f0"


async def test_filters_hold_together(client: Client) -> None:
    """By status, by connection, by time: from is inclusive, before is not; no condition means all."""
    connection = await client.world.connection(golden_records=0)
    running = FinetuningStatus.RUNNING
    ours = await store_finetunings(minutes(4), db_connection_id=connection.id, status=running)
    others = await store_finetunings(minutes(2), status=FinetuningStatus.FAILED)
    assert await ids_of(client, status=["RUNNING"]) == ours[::-1]
    assert set(await ids_of(client, status=["RUNNING", "FAILED"])) == {*ours, *others}
    assert await ids_of(client, status=[]) == []
    assert await ids_of(client, dbConnectionId=str(connection.id)) == ours[::-1]
    assert await ids_of(client, dbConnectionId=OID) == []
    times = {"createdFrom": "2026-01-01T00:01:00Z", "createdBefore": "2026-01-01T01:03:00+01:00"}
    assert await ids_of(client, dbConnectionId=str(connection.id), **times) == ours[2:0:-1]
    assert await ids_of(client, status=["FAILED"], **times) == others[1:]
    nulls = dict.fromkeys(["status", "dbConnectionId", "createdFrom", "createdBefore"])
    assert set(await ids_of(client, **nulls)) == {*ours, *others}


async def test_one_is_found_by_its_alias_or_by_the_start_of_its_id(client: Client) -> None:
    """Of this tenant's alone; the condition joins the others."""
    others = await store_finetunings(minutes(1), tenant="others")
    ours = await store_finetunings(minutes(2), status=FinetuningStatus.RUNNING)
    assert await ids_of(client, named="stored") == ours[::-1]
    assert await ids_of(client, named=ours[0].upper()) == [ours[0]]
    assert await ids_of(client, named=others[0]) == []
    assert set(await ids_of(client, named=ours[0][:8])) >= {ours[0]}
    assert await ids_of(client, named=ours[0], status=["FAILED"]) == []
    assert await ids_of(client, named="store") == []


NO_OFFSET = "{} must have an offset, such as 2026-01-31T12:00:00Z."


@pytest.mark.parametrize(
    ("filter_", "message"),
    [
        ({"named": ""}, "named must not be empty."),
        ({"dbConnectionId": "x"}, "dbConnectionId must be an id of 24 hexadecimal digits."),
        ({"createdFrom": "2026-01-01T00:00:00"}, NO_OFFSET.format("createdFrom")),
        ({"createdBefore": "2026-01-01T00:00:00"}, NO_OFFSET.format("createdBefore")),
    ],
)
async def test_a_bad_condition_is_bad_input(client: Client, filter_: dict[str, str], message: str) -> None:
    """The message names it, with a right value."""
    error = await client.refusal(PAGE, filter=filter_)
    assert (error["code"], error["message"]) == ("BAD_USER_INPUT", message)
    assert error["argument"] == next(iter(filter_))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_at_the_end_of_the_calendar_is_bad_input(client: Client, moment: str) -> None:
    """In UTC it lies outside of the years that there are."""
    error = await client.refusal(PAGE, filter={"createdFrom": moment})
    assert (error["code"], error["argument"]) == ("BAD_USER_INPUT", "createdFrom")


ORDERED = """query($order: FinetuningOrder, $first: Int, $after: String, $last: Int, $before: String) {
  finetunings(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    nodes { id finishedAt } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["CREATED_AT", "FINISHED_AT"])
async def test_finetunings_come_in_the_order_that_was_asked_for(
    client: Client, field: str, direction: str
) -> None:
    """Page by page from both ends, each once; those that have not ended count as the earliest."""
    stored = await store_finetunings(minutes(7))
    ends = [3, 1, -1, 2, -1, 2, 0]
    for one, end in zip(stored, ends, strict=True):
        moment = None if end < 0 else MIDNIGHT + timedelta(hours=end)
        await Finetuning.get_pymongo_collection().update_one(
            {"_id": PydanticObjectId(one)}, {"$set": {"finished_at": moment}}
        )
    by_end = sorted(range(7), key=lambda n: (ends[n], stored[n]))
    wanted = stored if field == "CREATED_AT" else [stored[n] for n in by_end]
    wanted = wanted if direction == "ASC" else wanted[::-1]
    for size, edge, cursor, has_more in (
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ):
        listed, place, goes_on = list[str](), None, True
        while goes_on:
            asked: dict[str, Any] = {"order": {"field": field, "direction": direction}, size: 2, edge: place}
            page = (await client.data(ORDERED, **asked))["finetunings"]
            ids = [node["id"] for node in page["nodes"]]
            listed = [*listed, *ids] if size == "first" else [*ids, *listed]
            place, goes_on = page["pageInfo"][cursor], page["pageInfo"][has_more]
        assert listed == wanted


async def test_a_cursor_of_another_order_is_refused(client: Client) -> None:
    """A place by the end says nothing by the creation; it is that of both directions."""
    await store_finetunings(minutes(2))
    by_end = {"field": "FINISHED_AT", "direction": "DESC"}
    page = (await client.data(ORDERED, order=by_end, first=1))["finetunings"]
    after = page["pageInfo"]["endCursor"]
    refusal = await client.refusal(ORDERED, after=after)
    message = "a cursor of finetunings by their end, not of finetunings."
    assert (refusal["message"], refusal["argument"]) == (f"after is {message}", "after")
    assert (await client.refusal(ORDERED, before=after))["message"] == f"before is {message}"
    back = await client.data(ORDERED, order={**by_end, "direction": "ASC"}, after=after)
    assert back["finetunings"]["nodes"] == []


async def test_finetunings_are_found_by_name_model_and_end(client: Client) -> None:
    """A part of the alias in any case, the whole name of the model, the time of the end."""
    first, second, third = await store_finetunings(minutes(3))
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        (first, {"alias": "Sales (EU)", "finished_at": MIDNIGHT}),
        (second, {"alias": "sales us", "finished_at": MIDNIGHT + timedelta(hours=1)}),
        (third, {"base_llm.model_name": "gpt-4o-mini"}),
    )
    for one, change in changes:
        await Finetuning.get_pymongo_collection().update_one({"_id": PydanticObjectId(one)}, {"$set": change})
    assert await ids_of(client, alias="SALES") == [second, first]
    assert await ids_of(client, alias="s (e") == [first]
    assert await ids_of(client, alias=".*") == []
    assert await ids_of(client, alias="sales", named="Sales (EU)") == [first]
    assert await ids_of(client, modelName="gpt-4") == [second, first]
    assert await ids_of(client, modelName="gpt-4o-mini", alias="sales") == []
    assert await ids_of(client, finishedFrom="2026-01-01T00:30:00Z") == [second]
    assert await ids_of(client, finishedBefore="2026-01-01T01:00:00Z") == [first]
    error = await client.refusal(PAGE, filter={"finishedBefore": "2026-01-01T00:00:00"})
    assert (error["message"], error["argument"]) == (NO_OFFSET.format("finishedBefore"), "finishedBefore")
    error = await client.refusal(PAGE, filter={"modelName": " "})
    assert (error["message"], error["argument"]) == ("modelName must not be empty.", "modelName")
