"""The SQL dialects by the names that people give them."""

import re
from difflib import get_close_matches
from functools import lru_cache

KNOWN = frozenset(
    {
        "athena",
        "bigquery",
        "clickhouse",
        "databricks",
        "dax",
        "doris",
        "dremio",
        "drill",
        "druid",
        "duckdb",
        "dune",
        "exasol",
        "fabric",
        "hive",
        "materialize",
        "mysql",
        "oracle",
        "postgres",
        "presto",
        "prql",
        "redshift",
        "risingwave",
        "snowflake",
        "solr",
        "spark",
        "spark2",
        "sqlite",
        "starrocks",
        "tableau",
        "teradata",
        "trino",
        "tsql",
    }
)
"""The parser's own names."""

OTHER_NAMES = {
    "alloydb": "postgres",
    "aurora": "mysql",
    "auroramysql": "mysql",
    "aurorapostgresql": "postgres",
    "awsathena": "athena",
    "azuresql": "tsql",
    "cockroachdb": "postgres",
    "googlesql": "bigquery",
    "greenplum": "postgres",
    "mariadb": "mysql",
    "microsoftsqlserver": "tsql",
    "motherduck": "duckdb",
    "mssql": "tsql",
    "pg": "postgres",
    "pgsql": "postgres",
    "postgresql": "postgres",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "tidb": "mysql",
    "timescaledb": "postgres",
    "transactsql": "tsql",
    "yugabytedb": "postgres",
}
"""Common names, in one word, and the parser's names."""

VENDORS = frozenset({"amazon", "apache", "aws", "google", "microsoft"})
VERSION = re.compile(r"v?\d+[a-z]?|r\d")
ENDING = re.compile(r"(?:\d|sql|db|database|server)+$")
"""What people add to a name, such as "Databricks SQL" or "sqlite3"."""
CLOSE = 0.8
"""How alike two names are if one is a typo: "postgre" and "postgres" are 0.93."""
SHORTEST_TYPO = 4
"""A shorter name, such as "sql", is like several others."""


@lru_cache(maxsize=256)
def parser_dialect(dialect: str) -> str | None:
    """Return the parser's name for the dialect's common name; ``None`` if the parser does not know it."""
    name = _in_one_word(dialect)
    for one in (name, name.rstrip("0123456789"), ENDING.sub("", name)):
        found = OTHER_NAMES.get(one, one)
        if found in KNOWN:
            return found
    return None


def suggestion(dialect: str) -> str | None:
    """Return the known name that an unknown one is a typo of, if any."""
    name = _in_one_word(dialect)
    if len(name) < SHORTEST_TYPO or parser_dialect(dialect) is not None:
        return None
    close = get_close_matches(name, sorted({*KNOWN, *OTHER_NAMES}), n=1, cutoff=CLOSE)
    return close[0] if close else None


def _in_one_word(dialect: str) -> str:
    """Return the name without case, driver, vendor and version: "Microsoft SQL Server 2019" is sqlserver."""
    words = re.split(r"[^a-z0-9]+", dialect.lower().partition("+")[0])
    return "".join(word for word in words if word not in VENDORS and not VERSION.fullmatch(word))
