"""The export of a connection's golden records, the oldest first."""

import filecmp
from typing import Any

import orjson
import pytest

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


@pytest.mark.parametrize(
    ("form", "told"), [("jsonl", ""), ("csv", ""), ("chat", "; left out the metadata of 1")]
)
async def test_every_form_is_stable_over_an_import(shell: Shell, form: str, told: str) -> None:
    """An export, imported elsewhere and exported again, has the same bytes."""
    source, target = [await shell.world.connection(golden_records=0) for _ in range(2)]
    strange = {
        "prompt_text": '\ufeffWhy\r\n"?"\u2028,',
        "sql": "SELECT '\r\t,;\x1a'",
        "metadata": {"a": "\n"},
    }
    await shell.run("import", shell.file([*numbered(130), strange, {**RIGHT, "metadata": {}}]), to=source)
    first, second = (str(shell.directory / name) for name in ("first", "second"))
    exported = await shell.run("export", first, "--format", form, to=source)
    assert exported.stderr == f"exported 132{told}\n"
    assert (await shell.run("import", first, to=target)).stdout == "added 132, skipped 0 already there\n"
    assert (await shell.run("export", second, "--format", form, to=target)).exit_code == 0
    assert filecmp.cmp(first, second, shallow=False)
    if form != "chat":
        assert await shell.stored(target) == await shell.stored(source)


async def test_an_empty_table_has_its_header(shell: Shell) -> None:
    """And is imported as no records."""
    connection = await shell.world.connection(golden_records=0)
    exported = await shell.run("export", "--format", "csv", to=connection)
    assert exported.stdout_bytes == b'"prompt_text","sql","metadata"\r\n'
    again = await shell.run("import", "-", to=connection, stdin=exported.stdout_bytes)
    assert again.stdout == "added 0, skipped 0 already there\n"
