"""The tables of databases from one file, or from a directory."""

from pathlib import Path

import orjson
import pytest

from graphql_api.transfer.records import FileError
from graphql_api.transfer.table_schemas import tables_at
from tests.transfer.spider import SHOP, SHOP_TABLES, ZOO, ZOO_TABLES


def test_one_file_describes_all_databases(tmp_path: Path) -> None:
    """As Spider's; its encoding is known by its mark."""
    path = tmp_path / "tables.json"
    path.write_bytes(orjson.dumps([ZOO, SHOP], option=orjson.OPT_INDENT_2).decode().encode("utf-16"))
    assert tables_at(path) == {"zoo": ZOO_TABLES, "shop": SHOP_TABLES}


def test_a_directory_has_a_file_or_a_directory_for_each(tmp_path: Path) -> None:
    """Only what defines tables is taken."""
    (tmp_path / "shop.sql").write_text("CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\n")
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "schema.sql").write_text(
        "CREATE TABLE größe (b int); CREATE TABLE d (e int)", "utf-16"
    )
    (tmp_path / "zoo" / "zoo.sqlite").write_bytes(b"\0")
    assert tables_at(tmp_path) == {
        "shop": ["CREATE TABLE a (b int)"],
        "zoo": ["CREATE TABLE größe (b int)", "CREATE TABLE d (e int)"],
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[1]", "record 1 (line 1): this is not a JSON object"),
        (b'[\n{"db_id": "a"}]', "record 1 (line 2): column_names_original is missing"),
        (b"PK\x03\x04", "this is a ZIP archive or an Excel workbook; "),
    ],
)
def test_a_file_without_tables_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """By its path and by the reason."""
    path = tmp_path / "tables.json"
    path.write_bytes(content)
    with pytest.raises(FileError) as refused:
        tables_at(path)
    assert str(refused.value).startswith(f"{path}: {told}")


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    """In the directory, too; so is one that cannot be read."""
    (tmp_path / "a.sql").write_bytes(b"CREATE TABLE gr\xf6\xdfe (b int)")
    with pytest.raises(FileError, match=r"a\.sql: this is not UTF-8: the byte 0xF6"):
        tables_at(tmp_path)
    with pytest.raises(FileError, match=r"cannot read .*nothing: No such file"):
        tables_at(tmp_path / "nothing")
