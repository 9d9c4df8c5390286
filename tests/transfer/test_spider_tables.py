"""Tables described as Spider and BIRD do."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from graphql_api.transfer.spider_tables import SpiderDatabase
from tests.transfer.spider import SHOP, SHOP_TABLES, ZOO, ZOO_TABLES


@pytest.mark.parametrize(("given", "tables"), [(ZOO, ZOO_TABLES), (SHOP, SHOP_TABLES)])
def test_a_description_becomes_statements(given: dict[str, Any], tables: list[str]) -> None:
    """With types, keys of one and of several columns, and references; a database takes them."""
    statements = SpiderDatabase.of(given).statements()
    assert statements == tables
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"column_types": ["text"]}, "these are no tables: zip"),
        ({"table_names_original": 7}, "these are no tables: 'int' object is not iterable"),
        ({"column_names_original": ["a"] * 6}, "these are no tables: not enough values"),
        ({"primary_keys": [9]}, "there is no column 9 in a table"),
        ({"primary_keys": [-1]}, "there is no column -1 in a table"),
        ({"foreign_keys": [[4, 0]]}, "there is no column 0 in a table"),
        ({"foreign_keys": [["4", "1"]]}, "there is no column 4 in a table"),
    ],
    ids=str,
)
def test_any_other_description_is_refused(changed: dict[str, Any], told: str) -> None:
    """With the reason."""
    with pytest.raises(ValueError, match=told):
        SpiderDatabase.of({**ZOO, **changed})
    with pytest.raises(ValueError, match="primary_keys is missing"):
        SpiderDatabase.of({name: value for name, value in ZOO.items() if name != "primary_keys"})
