"""What the commands say."""

import orjson

from graphql_api.transfer import report
from graphql_api.transfer.importing import Account, Checked, Told, check_file
from tests.transfer.files import reader_of


def told(count: int) -> Told:
    """Return as many messages."""
    messages = Told()
    for number in range(count):
        messages.add(f"line {number}: no")
    return messages


def test_a_summary_tells_copies_in_the_file_from_records_there() -> None:
    """And is as before if there are none."""
    assert report.summary(Account(added=3, skipped=2)) == "added 3, skipped 2 already there"
    assert report.summary(Account(added=3, skipped=2, again=4, warnings=told(1))) == (
        "added 3, skipped 2 already there, left out 4 that came twice in this file, 1 warning"
    )
    assert report.rehearsed(Checked(records=9), Account(skipped=2, again=4, warnings=told(2))) == (
        "9 golden records, 4 of them repeated, 2 of them already there, 2 warnings; nothing was stored"
    )


def test_twenty_messages_are_shown() -> None:
    """The others are counted."""
    assert len(list(report.warnings(told(20)))) == 20
    assert list(report.warnings(told(22)))[-1] == "warning: 2 more"
    wrong = report.wrong_records(Checked(wrong=told(21))).splitlines()
    assert (wrong[0], wrong[-1]) == ("21 wrong lines, and nothing was stored", "1 more")


def test_a_file_is_shown_as_it_would_be_stored() -> None:
    """The layout, the shape and three records; names of a file do nothing to a terminal."""
    lines = [{"question": f"Q{n}?", "query": "SELECT 1", "db\x1b": n} for n in range(4)]
    reader = reader_of(orjson.dumps(lines), split_by="db\x1b")
    checked = check_file(reader, advance=lambda: None)
    assert list(report.seen(reader, checked)) == [
        "JSON in UTF-8",
        "Spider: question -> prompt_text, query -> sql, db_id -> metadata",
        'record 1 (line 1) to 0: {"prompt_text":"Q0?","sql":"SELECT 1"}',
        'record 2 (line 1) to 1: {"prompt_text":"Q1?","sql":"SELECT 1"}',
        'record 3 (line 1) to 2: {"prompt_text":"Q2?","sql":"SELECT 1"}',
    ]
    rest = check_file(reader_of(orjson.dumps(lines)), advance=lambda: None)
    assert list(report.left_out(rest)) == [r"left out: db\x1b of 4 records"]
