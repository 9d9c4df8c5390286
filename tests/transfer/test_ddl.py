"""The definitions in a text with SQL statements."""

from graphql_api.transfer.ddl import Ddl, definitions

DUMP = r"""-- PostgreSQL database dump
SET client_encoding = 'UTF8';
/* authors; and
   books */
CREATE TABLE author (name text DEFAULT ';', -- a name; in full
  "odd;name" int);
COPY author (name) FROM stdin;
CREATE TABLE not_one (a;b);
\.
CREATE FUNCTION f() RETURNS int AS $body$ SELECT 1; $body$ LANGUAGE sql;
ALTER TABLE author ADD PRIMARY KEY (name);
INSERT INTO author VALUES ('it''s; me');
-- the end
"""


def test_a_dump_is_reduced_to_what_defines_tables() -> None:
    """A semicolon in a text, a name, a comment or a body ends no statement; rows are no statements."""
    found = definitions(DUMP)
    assert found.left_out == ("SET", "INSERT")
    assert [one.splitlines()[-1] for one in found.statements] == [
        '  "odd;name" int)',
        "CREATE FUNCTION f() RETURNS int AS $body$ SELECT 1; $body$ LANGUAGE sql",
        "ALTER TABLE author ADD PRIMARY KEY (name)",
    ]


def test_a_line_go_ends_a_statement() -> None:
    """As in the tools of SQL Server."""
    found = definitions("CREATE TABLE a (goes int)\nGO\ncreate table b (b int)\ngo\n")
    assert found == Ddl(("CREATE TABLE a (goes int)", "create table b (b int)"), ())


def test_nothing_is_in_an_empty_text() -> None:
    """Nor in comments alone."""
    assert definitions("") == definitions(" -- only this") == Ddl((), ())
