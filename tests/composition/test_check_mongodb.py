"""MongoDB is checked, and nothing is left behind."""

import tempfile
from pathlib import Path

import pytest
from pydantic import SecretStr
from pymongo import AsyncMongoClient

from chaos.ports import free_port
from graphql_api.composition.check_mongodb import mongodb_findings
from graphql_api.composition.settings import Settings
from graphql_api.embedded_mongod.mongod import EmbeddedMongod


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Yield the directory of temporary files."""
    directory = tmp_path / "t"
    directory.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    return directory


async def test_a_missing_data_directory_is_not_made(tmp_path: Path, temporary: Path) -> None:
    """A mongod is tried in a temporary one, which is gone again."""
    found, _ = await mongodb_findings(Settings(data_dir=tmp_path / "data"))
    assert str(found) == (
        f"ok (embedded, a trial in a temporary folder; DATA_DIR {tmp_path}/data: a start will make it)"
    )
    assert list(map(_entries, (tmp_path, temporary))) == [["t"], []]


def _entries(directory: Path) -> list[str]:
    return [one.name for one in directory.iterdir()]


async def test_the_data_of_a_stopped_server_stay_as_they_are(tmp_path: Path) -> None:
    """Byte for byte, with their times."""
    data = tmp_path / "data"
    (data / "mongodb").mkdir(parents=True)
    (data / "mongod.log").write_text("old\n")
    before = {path: path.stat() for path in data.rglob("*")}
    found, _ = await mongodb_findings(Settings(data_dir=data))
    assert str(found).endswith(f"DATA_DIR {data}: its data there are not opened)")
    after = {path: path.stat() for path in data.rglob("*")}
    assert {path: (one.st_mtime_ns, one.st_size) for path, one in after.items()} == {
        path: (one.st_mtime_ns, one.st_size) for path, one in before.items()
    }


async def test_the_mongod_of_a_running_server_is_looked_at(tmp_path: Path) -> None:
    """No second one is started on its data, and it has no database more."""
    async with EmbeddedMongod(tmp_path / "data") as mongod:
        found, _ = await mongodb_findings(Settings(data_dir=tmp_path / "data"))
        assert str(found) == f"ok (embedded, run by a server in {tmp_path}/data)"
        assert mongod.log_tail
        async with AsyncMongoClient[dict[str, object]](mongod.uri) as client:
            assert "finetuning" not in await client.list_database_names()


async def test_a_data_directory_that_cannot_be_is_told(tmp_path: Path) -> None:
    """Without a try."""
    (tmp_path / "file").write_text("")
    found, _ = await mongodb_findings(Settings(data_dir=tmp_path / "file" / "data"))
    assert str(found) == f"DATA_DIR: {tmp_path}/file is not a directory"


async def test_a_binary_that_is_no_mongod_is_told(tmp_path: Path) -> None:
    """By its setting."""
    found, _ = await mongodb_findings(Settings(data_dir=tmp_path / "data", mongod_binary=tmp_path / "no"))
    assert str(found).startswith(f"MONGOD_BINARY: {tmp_path}/no is not an executable mongod: ")


async def test_a_mongodb_of_the_settings_is_named_without_its_password(mongodb_uri: str) -> None:
    """By its hosts and the database."""
    port = free_port()
    uri = f"mongodb://operator:hunter2@127.0.0.1:{port}/?directConnection=true"
    found, _ = await mongodb_findings(Settings(mongodb_uri=SecretStr(uri), mongodb_timeout_s=0.3))
    assert found.looked_at == f"127.0.0.1:{port}, database finetuning"
    assert str(found) == (
        f"MONGODB_URI: MongoDB cannot be used: nobody listens at 127.0.0.1:{port}: "
        "start MongoDB there, or correct the address"
    )
    good, _ = await mongodb_findings(Settings(mongodb_uri=SecretStr(mongodb_uri)))
    assert str(good).startswith("ok (")
