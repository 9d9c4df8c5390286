"""Records of a file and their places."""

from graphql_api.transfer.records import Place, Record, RecordError


def test_a_place_is_a_line_or_a_record_with_its_line() -> None:
    """An editor finds either."""
    assert str(Place("line", 7)) == "line 7"
    assert str(RecordError(Place("record", 7, 203), "it is empty")) == "record 7 (line 203): it is empty"


def test_digests_differ_by_field_and_by_database() -> None:
    """The place and the order of the metadata do not matter."""
    fields = {"promptText": "a", "sql": "b", "metadata": {"x": "1", "y": "2"}}
    turned = {"metadata": {"y": "2", "x": "1"}, "sql": "b", "promptText": "a"}
    assert Record(Place("line", 1), fields).digest == Record(Place("line", 2), turned).digest
    others = [Record(Place("line", 1), fields, "d"), Record(Place("line", 1), {**fields, "metadata": None})]
    assert len({one.digest for one in [*others, Record(Place("line", 1), fields)]}) == 3
