"""The export of a connection's golden records, the oldest first."""

from typing import Any

import orjson

from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT, numbered


async def test_an_export_is_imported_as_the_same(shell: Shell) -> None:
    """Text, metadata and order, over several pages."""
    source, target = [await shell.world.connection(golden_records=0) for _ in range(2)]
    strange = {"prompt_text": "Why\r\n?\u2028", "sql": 'SELECT "\n日本"', "metadata": {"$a.b": "\u0007"}}
    plain: list[Any] = [*numbered(230), strange, {**RIGHT, "metadata": {}}]
    await shell.run("import", shell.file(plain), to=source)
    path = str(shell.directory / "exported.jsonl")
    exported = await shell.run("export", path, to=source)
    assert (exported.exit_code, exported.stdout, exported.stderr) == (0, "", "exported 232\n")
    assert shell.lines(path) == plain
    assert (await shell.run("import", path, to=target)).exit_code == 0
    assert await shell.stored(target) == await shell.stored(source)


async def test_an_export_goes_to_stdout_by_itself(shell: Shell) -> None:
    """With nothing else in it, so that it can be piped."""
    connection = await shell.world.connection(golden_records=0)
    await shell.run("import", shell.file([RIGHT]), to=connection)
    for target in ([], ["-"]):
        exported = await shell.run("export", *target, to=connection)
        assert (exported.exit_code, exported.stderr) == (0, "exported 1\n")
        assert orjson.loads(exported.stdout) == RIGHT
