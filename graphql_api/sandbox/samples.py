"""Sample data: a small library with questions and SQL."""

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A database connection and its golden records, as (question, SQL) pairs."""

    alias: str
    dialect: str
    table_schemas: tuple[str, ...]
    golden_records: tuple[tuple[str, str], ...]


def sample_library() -> Sample:
    """Return the sample shipped with the package."""
    given = json.loads(files(__package__).joinpath("sample_library.json").read_text("utf-8"))
    return Sample(
        alias=given["alias"],
        dialect=given["dialect"],
        table_schemas=tuple(given["table_schemas"]),
        golden_records=tuple((question, sql) for question, sql in given["golden_records"]),
    )
