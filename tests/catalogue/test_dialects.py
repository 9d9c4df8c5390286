"""The names of dialects."""

import pytest
from sqlglot.dialects import Dialects

from graphql_api.catalogue.dialects import KNOWN, OTHER_NAMES, parser_dialect, suggestion


def test_the_known_dialects_are_the_parsers() -> None:
    """All of them: this list spares the server the time to load the parser."""
    assert {one.value for one in Dialects} - {""} == KNOWN
    assert set(OTHER_NAMES.values()) <= KNOWN
    assert not set(OTHER_NAMES) & KNOWN


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("postgres", "postgres"),
        ("PostgreSQL", "postgres"),
        ("PostgreSQL 15.4", "postgres"),
        ("postgresql+psycopg", "postgres"),
        ("pgsql", "postgres"),
        ("SQL Server", "tsql"),
        ("Microsoft SQL Server 2019", "tsql"),
        ("mssql+pyodbc", "tsql"),
        ("MS SQL", "tsql"),
        ("T-SQL", "tsql"),
        ("Databricks SQL", "databricks"),
        ("awsathena+rest", "athena"),
        ("Amazon Redshift", "redshift"),
        ("Google BigQuery", "bigquery"),
        ("Oracle 19c", "oracle"),
        ("Oracle Database", "oracle"),
        ("spark-sql", "spark"),
        ("Apache Spark 3.5", "spark"),
        ("spark2", "spark2"),
        ("MariaDB", "mysql"),
        ("MySQL 8.0", "mysql"),
        ("mysql8", "mysql"),
        ("sqlite3", "sqlite"),
        ("Trino DB", "trino"),
        ("snowflake", "snowflake"),
        ("", None),
        ("sql", None),
        ("Db2 11.5", None),
        ("Informix", None),
    ],
)
def test_dialects_have_several_names(given: str, name: str | None) -> None:
    """Case, spaces, the vendor, the version and the driver of a URL do not matter."""
    assert parser_dialect(given) == name


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgre", "postgres"),
        ("Postgress 15", "postgres"),
        ("sqllite", "sqlite"),
        ("myslq", "mysql"),
        ("snowflakes", "snowflake"),
        ("big query", None),
        ("postgres", None),
        ("Db2", None),
        ("Informix", None),
        ("ANSI", None),
        ("sql", None),
        ("hsqldb", None),
        ("H2", None),
        ("SAP HANA", None),
        ("Vertica", None),
        ("Impala", None),
        ("MongoDB", None),
        ("Firebird", None),
        ("Access", None),
    ],
)
def test_only_a_typo_has_a_suggestion(given: str, meant: str | None) -> None:
    """A dialect that the parser does not know is no typo."""
    assert suggestion(given) == meant
