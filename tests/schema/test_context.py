"""The look-ups shared by the fields of one request."""

from tests.schema.conftest import Client, minutes, store_finetunings

PAGE = "{ finetunings(first: 50) { nodes { id dbConnection { alias } } } }"


async def test_a_connection_that_is_gone_is_null(client: Client) -> None:
    """The page is answered without it."""
    await store_finetunings(minutes(1))
    assert (await client.data(PAGE))["finetunings"]["nodes"][0]["dbConnection"] is None


async def test_the_connections_of_a_page_are_those_of_its_finetunings(client: Client) -> None:
    """Each in its place, also one that several share."""
    library, shop = [await client.world.connection(golden_records=0) for _ in range(2)]
    for connection in (library, shop, library):
        await store_finetunings(minutes(1), db_connection_id=connection.id)
    query = "{ finetunings { nodes { dbConnectionId dbConnection { id } } } }"
    nodes = (await client.data(query))["finetunings"]["nodes"]
    assert [node["dbConnection"]["id"] for node in nodes] == [node["dbConnectionId"] for node in nodes]
    assert sorted(node["dbConnectionId"] for node in nodes) == sorted(
        [str(library.id), str(library.id), str(shop.id)]
    )
