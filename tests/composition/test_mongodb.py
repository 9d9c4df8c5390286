"""The MongoDB of the settings, an embedded one, and the one line about one that cannot be used."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from chaos.ports import free_port
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError


async def _complaint(settings: Settings) -> str:
    """Return why these settings give no database."""
    async with AsyncExitStack() as stack:
        with pytest.raises(StartError) as refusal:
            await open_database(stack, settings)
    return str(refusal.value)


async def test_the_mongodb_of_the_settings_is_opened(mongodb_uri: str) -> None:
    """It has the database's name, no remark, and no watch."""
    settings = Settings(mongodb_uri=SecretStr(mongodb_uri), mongodb_database="opened")
    async with AsyncExitStack() as stack:
        opened, watch = await open_database(stack, settings)
        assert (opened.database.name, opened.remark, watch) == ("opened", None, None)
        await opened.database.client.drop_database("opened")


async def test_without_a_setting_one_is_embedded_and_watched(tmp_path: Path) -> None:
    """The watch ends with the stack, before its mongod."""
    async with AsyncExitStack() as stack:
        opened, watch = await open_database(stack, Settings(data_dir=tmp_path / "data"))
        assert watch is not None
        assert not watch.done()
        await opened.database["any"].insert_one({"_id": 1})
        assert await opened.database["any"].find_one() == {"_id": 1}
    assert watch.cancelled()


async def test_one_out_of_reach_is_told_by_its_setting() -> None:
    """The password of its URI is not."""
    uri = f"mongodb://operator:hunter2@127.0.0.1:{free_port()}/?directConnection=true"
    complaint = await _complaint(Settings(mongodb_uri=SecretStr(uri), mongodb_timeout_s=0.3))
    assert complaint.startswith("MONGODB_URI: MongoDB cannot be used: ")
    assert "hunter2" not in complaint


async def test_a_binary_that_is_missing_is_told_by_its_setting(tmp_path: Path) -> None:
    """The path is named."""
    missing = tmp_path / "mongod"
    complaint = await _complaint(Settings(data_dir=tmp_path / "data", mongod_binary=missing))
    assert complaint.startswith(f"MONGOD_BINARY: {missing} is not an executable mongod: ")


@pytest.mark.parametrize(("binary", "named"), [(None, "DATA_DIR"), ("/bin/ls", "DATA_DIR or MONGOD_BINARY")])
async def test_an_embedded_one_that_does_not_start_is_told(
    tmp_path: Path, binary: str | None, named: str
) -> None:
    """A binary that was named may be the reason, too."""
    data = tmp_path / "data"
    if binary is None:
        data.write_text("")
    settings = Settings(data_dir=data, mongod_binary=None if binary is None else Path(binary))
    assert (await _complaint(settings)).startswith(f"{named}: ")
