"""What an entry says of each end of an attempt, and what it never says."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from graphql_api.audit.attempts import INTERRUPTED, MOST_TARGETS, code_of, named
from graphql_api.documents import AuditOutcome, AuditTarget, AuditTargetKind, ObjectId
from graphql_api.errors import BadUserInputError, FinetuningNotFoundError
from tests.audit.conftest import ATTEMPT

ID = "0123456789abcdef01234567"
FINETUNING = AuditTargetKind.FINETUNING


def test_an_entry_has_the_whole_caller() -> None:
    """Its tenant, its name, its credential, its address and its request."""
    entry = ATTEMPT.allowed()
    assert isinstance(entry.pop("_id"), ObjectId)
    assert entry == {
        "tenant": "acme",
        "subject": "ada",
        "credential_id": "k",
        "address": "192.0.2.7",
        "request_id": "r",
        "action": "cancelFinetuning",
        "targets": [],
        "fields": [],
        "outcome": "allowed",
        "code": None,
    }


@pytest.mark.parametrize(
    ("problem", "outcome", "code"),
    [
        (BadUserInputError("no"), AuditOutcome.REFUSED, "BAD_USER_INPUT"),
        (FinetuningNotFoundError(ID), AuditOutcome.REFUSED, "FINETUNING_NOT_FOUND"),
        (AutoReconnect(), AuditOutcome.UNKNOWN, "STORE_UNAVAILABLE"),
        (OperationFailure("no"), AuditOutcome.UNKNOWN, "INTERNAL_SERVER_ERROR"),
        (ValueError(), AuditOutcome.UNKNOWN, "INTERNAL_SERVER_ERROR"),
        (asyncio.CancelledError(), AuditOutcome.UNKNOWN, INTERRUPTED),
    ],
)
def test_only_a_refusal_is_told_as_one(problem: BaseException, outcome: AuditOutcome, code: str) -> None:
    """After any other failure the change may have been carried out."""
    entry = ATTEMPT.broken_off_by(problem)
    assert (entry["outcome"], entry["code"], code_of(problem)) == (outcome.value, code, code)


@pytest.mark.parametrize("value", ["", "a" * 24 + "g", "x" * 24, "sk-secret", None, 7, [ID], {"id": ID}])
def test_nothing_but_an_id_is_kept(value: Any) -> None:
    """A client may send anything in its place."""
    assert named([(FINETUNING, value)]) == ()


def test_an_id_is_kept_in_one_spelling() -> None:
    """As the database answers it, so that a search by it finds all."""
    (target,) = named([(FINETUNING, ID.upper())])
    assert (target.kind, target.id) == (FINETUNING, ID)


def test_a_document_is_named_once_and_their_number_is_bounded() -> None:
    """One that is named and returned, too, stands there once."""
    (target,) = named([(FINETUNING, ID)])
    assert ATTEMPT.allowed([target, target])["targets"] == [{"kind": "finetuning", "id": ID}]
    many = [AuditTarget(kind=FINETUNING, id=str(ObjectId())) for _ in range(MOST_TARGETS + 1)]
    assert len(ATTEMPT.allowed(many)["targets"]) == MOST_TARGETS
    assert len(named((FINETUNING, ID) for _ in range(MOST_TARGETS + 1))) == MOST_TARGETS
