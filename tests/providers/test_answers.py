"""The parts of answers that every provider has."""

import json
from datetime import UTC, datetime

import pytest

from graphql_api.providers.answers import (
    StoredFile,
    is_deletion,
    job_identity,
    newest_named,
    read_list,
    read_object,
    read_page,
)
from graphql_api.providers.port import (
    FileStatus,
    MalformedAnswerError,
    OutcomeUnknownError,
    TrainingFile,
)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_an_unknown_outcome(body: bytes) -> None:
    """No part of it is used."""
    with pytest.raises(OutcomeUnknownError):
        read_object(body)


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ({"data": [1, None, 2]}, [1, 2]),
        ({"data": []}, []),
        ({"data": None, "object": "list"}, []),
    ],
)
def test_a_list_without_its_nulls(answer: object, items: list[object]) -> None:
    """A null in place of a list is an empty one only if the answer calls itself a list."""
    assert read_list(json.dumps(answer).encode())[0] == items


@pytest.mark.parametrize(
    "answer", [{"data": None}, {"data": None, "object": "list", "error": "x"}, {"data": {}}, {}]
)
def test_what_is_no_list_is_an_unknown_outcome(answer: object) -> None:
    """An empty list proves absence, so nothing else is taken for one."""
    with pytest.raises(OutcomeUnknownError):
        read_list(json.dumps(answer).encode())


@pytest.mark.parametrize("item", [7, {}, {"id": ""}, {"id": 7}])
def test_a_page_has_only_objects_with_ids(item: object) -> None:
    """One bad item makes the whole page unusable: it may be the one looked for."""
    with pytest.raises(OutcomeUnknownError):
        read_page(json.dumps({"data": [{"id": "a"}, item]}).encode())


def test_a_page_of_too_many_items_is_refused() -> None:
    """A whole list may come at once, within reason."""
    whole = [{"id": str(number)} for number in range(10_000)]
    assert len(read_page(json.dumps({"data": whole}).encode()).items) == len(whole)
    with pytest.raises(MalformedAnswerError, match="too long"):
        read_page(json.dumps({"data": [*whole, {"id": "x"}]}).encode())


@pytest.mark.parametrize("part", [b"[]", b"{}"])
def test_an_answer_of_too_many_parts_is_not_read(part: bytes) -> None:
    """Each takes much more memory than its bytes; the answer is refused though it is no JSON at its end."""
    with pytest.raises(MalformedAnswerError, match="too many parts"):
        read_object(b'{"data": [' + (part + b",") * 100_000)


@pytest.mark.parametrize(
    ("body", "confirmed"),
    [(b"", True), (b'{"deleted": true}', True), (b"{}", False), (b'{"deleted": 1}', False)],
)
def test_a_deletion_is_confirmed_by_its_word_or_by_silence(body: bytes, confirmed: bool) -> None:
    """Anything else does not say that the file is gone."""
    assert is_deletion(body) is confirmed


def test_a_jobs_identity_is_its_id_and_word() -> None:
    """Only of a job, and only of the expected one."""
    answer = {"id": "j", "status": "odd", "object": "job"}
    assert job_identity(answer, objects=("job", None), expected_id="j") == ("j", "odd")
    for objects, expected_id in [(("other",), "j"), (("job",), "k")]:
        with pytest.raises(OutcomeUnknownError):
            job_identity(answer, objects=objects, expected_id=expected_id)


def test_files_are_chosen_by_prefix_and_purpose_newest_first() -> None:
    """A file for something else may have the same name."""
    files = [_file("a", 1), _file("b", 2), _file("c", 3, name="f2-x"), _file("d", 4, purpose="eval")]
    assert newest_named(files, prefix="f1-") == ["b", "a"]


def _file(file_id: str, at: int, *, name: str = "f1-x", purpose: str = "fine-tune") -> StoredFile:
    file = TrainingFile(id=file_id, status=FileStatus.READY, word="")
    return StoredFile(file=file, name=name, purpose=purpose, created_at=datetime.fromtimestamp(at, UTC))
