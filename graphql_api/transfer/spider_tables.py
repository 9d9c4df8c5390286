"""Tables as Spider and BIRD describe them in one file, made statements of SQL."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

TYPES = {"number": "NUMERIC", "time": "TIMESTAMP", "others": ""}
"""SQL's names for their types; any other is its own name."""

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Column:
    table: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class SpiderDatabase:
    """The tables of one database; keys and references are numbers of columns."""

    name: str
    tables: tuple[str, ...]
    columns: tuple[_Column, ...]
    keys: tuple[tuple[int, ...], ...]
    references: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "SpiderDatabase":
        """Return the described database; raises ``ValueError`` with the reason."""
        try:
            named = zip(given["column_names_original"], given["column_types"], strict=True)
            database = cls(
                name=str(given["db_id"]),
                tables=tuple(map(str, given["table_names_original"])),
                columns=tuple(_Column(int(table), str(name), str(kind)) for (table, name), kind in named),
                keys=tuple(tuple(key) if isinstance(key, list) else (key,) for key in given["primary_keys"]),
                references=tuple((of, to) for of, to in given["foreign_keys"]),
            )
            database._check()
        except KeyError as missing:
            raise ValueError(f"{missing.args[0]} is missing") from None
        except (TypeError, ValueError) as unfit:
            raise ValueError(f"these are no tables: {unfit}") from None
        return database

    def _check(self) -> None:
        """Raise ``ValueError`` if a key or a reference is to no column, or a column of one in no table."""
        for number in chain(*self.keys, *self.references):
            if number not in range(len(self.columns)) or self.columns[number].table not in range(
                len(self.tables)
            ):
                raise ValueError(f"there is no column {number} in a table")

    def statements(self) -> list[str]:
        """Return a CREATE TABLE for each table."""
        return [self._statement(number) for number in range(len(self.tables))]

    def _statement(self, table: int) -> str:
        columns = (column for column in self.columns if column.table == table)
        lines = [*(_defined(column) for column in columns), *self._constraints(table)]
        body = ",\n".join(f"  {line}" for line in lines)
        return f"CREATE TABLE {_quoted(self.tables[table])} (\n{body}\n)"

    def _constraints(self, table: int) -> Iterator[str]:
        for key in self.keys:
            columns = [self.columns[number] for number in key]
            if columns and columns[0].table == table:
                yield f"PRIMARY KEY ({', '.join(_quoted(column.name) for column in columns)})"
        for of, to in self.references:
            here, there = self.columns[of], self.columns[to]
            if here.table == table:
                target = f"{_quoted(self.tables[there.table])} ({_quoted(there.name)})"
                yield f"FOREIGN KEY ({_quoted(here.name)}) REFERENCES {target}"


def _defined(column: _Column) -> str:
    return f"{_quoted(column.name)} {TYPES.get(column.kind, column.kind.upper())}".rstrip()


def _quoted(name: str) -> str:
    """Return the name, in quotes if it is not a plain word."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
