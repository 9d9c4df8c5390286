"""Two databases as Spider describes them."""

from typing import Any

ZOO: dict[str, Any] = {
    "db_id": "zoo",
    "table_names_original": ["keeper", "animal house"],
    "column_names_original": [[-1, "*"], [0, "id"], [0, "name"], [1, "id"], [1, "keeper id"], [1, "since"]],
    "column_types": ["text", "number", "text", "number", "number", "time"],
    "primary_keys": [1, 3],
    "foreign_keys": [[4, 1]],
}
ZOO_TABLES = [
    "CREATE TABLE keeper (\n  id NUMERIC,\n  name TEXT,\n  PRIMARY KEY (id)\n)",
    """CREATE TABLE "animal house" (
  id NUMERIC,
  "keeper id" NUMERIC,
  since TIMESTAMP,
  PRIMARY KEY (id),
  FOREIGN KEY ("keeper id") REFERENCES keeper (id)
)""",
]

SHOP: dict[str, Any] = {
    "db_id": "shop",
    "table_names_original": ["sale"],
    "column_names_original": [[-1, "*"], [0, "day"], [0, "number"], [0, 'so-called "price"']],
    "column_types": ["text", "date", "integer", "others"],
    "primary_keys": [[1, 2]],
    "foreign_keys": [],
}
SHOP_TABLES = [
    '''CREATE TABLE sale (
  day DATE,
  number INTEGER,
  "so-called ""price""",
  PRIMARY KEY (day, number)
)'''
]
