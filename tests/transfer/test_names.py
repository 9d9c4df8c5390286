"""The names of connections in the commands for files."""

from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT


async def test_a_connection_is_named_by_its_alias_or_the_start_of_its_id(shell: Shell) -> None:
    """As in the other commands; a name that fits several stores nothing."""
    connection = await shell.world.connection(golden_records=0)
    for name in (connection.alias, str(connection.id)[:20]):
        result = await shell.run("import", shell.file([RIGHT]), to=name)
        assert result.exit_code == 0, result.stderr
        assert (await shell.run("export", to=name)).stderr == "exported 1\n"
    assert len(await shell.stored(connection)) == 1
    other = await shell.world.connection(golden_records=0)
    result = await shell.run("import", shell.file([RIGHT]), to=connection.alias)
    assert (result.exit_code, "fits several database connections" in result.stderr) == (1, True)
    assert await shell.stored(other) == []
