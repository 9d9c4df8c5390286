"""``golden-records list``."""

from tests.client.conftest import Shell


async def test_records_are_listed_by_connection_and_text(shell: Shell) -> None:
    """The newest first."""
    connection = await shell.world.connection(golden_records=3)
    await shell.world.connection(golden_records=0)
    records = await shell.json("golden-records", "list", "--db-connection", str(connection.id))
    assert [one["promptText"] for one in records] == [f"Which author has id {n}?" for n in (2, 1, 0)]
    assert records[0]["dbConnectionId"] == str(connection.id)
    lines = await shell.stdout("golden-records", "list", "--text", "ID 1?")
    assert lines == f"{records[1]['id']}\t0\tWhich author has id 1?\tSELECT name FROM author WHERE aid = 1\n"
    assert await shell.stdout("golden-records", "list", "--warned") == ""
