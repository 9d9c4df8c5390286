"""The reading of a file's records."""

from collections import Counter

import orjson
import pytest

from graphql_api.transfer.records import RecordError
from tests.transfer.files import found_in, reader_of

SPIDER = {"question": "Who?", "query": "SELECT 1", "db_id": "zoo", "toks": [], "n": 1}


def test_what_is_left_out_is_counted_by_field() -> None:
    """Of right records only; many names are counted together."""
    many = {f"f{n}": n for n in range(100)}
    lines = [SPIDER, SPIDER, {**SPIDER, "query": ""}, {**SPIDER, **many}]
    left_out = Counter[str]()
    list(reader_of(b"\n".join(map(orjson.dumps, lines))).found(left_out))
    assert left_out == {"toks": 3, "n": 3, **dict.fromkeys(list(many)[:98], 1), "others": 2}


def test_a_field_may_divide_the_records() -> None:
    """It is of any plain type, and used, so not left out."""
    lines = [{**SPIDER, "n": "x"}, {**SPIDER, "n": 7}]
    left_out = Counter[str]()
    reader = reader_of(b"\n".join(map(orjson.dumps, lines)), split_by="n")
    found = list(reader.found(left_out))
    assert [one.database for one in found if not isinstance(one, RecordError)] == ["x", "7"]
    assert left_out == {"toks": 2}
    values: list[object] = [None, " ", [], "x" * 201]
    wrong = [{**SPIDER, "n": value} for value in values]
    assert found_in(b"\n".join(map(orjson.dumps, wrong)), split_by="n") == [
        "line 1: n must name a database",
        "line 2: n must name a database",
        "line 3: n must name a database",
        "line 4: n must have at most 200 characters",
    ]


def test_records_end_with_the_first_wrong_one() -> None:
    """A file that was checked may have changed."""
    records = reader_of(orjson.dumps(SPIDER) + b"\n1").records()
    assert next(records).fields["sql"] == "SELECT 1"
    with pytest.raises(RecordError, match="line 2: this is not a JSON object"):
        next(records)
