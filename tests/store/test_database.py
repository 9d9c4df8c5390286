"""A MongoDB out of reach, told from a refusal."""

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WriteError,
)

from graphql_api.store.database import connect, is_broken_off, is_unavailable


@pytest.mark.parametrize(
    "problem",
    [
        AutoReconnect("connection closed"),
        NetworkTimeout("timed out"),
        ServerSelectionTimeoutError("no primary"),
        WaitQueueTimeoutError("pool"),
        ExecutionTimeout("operation exceeded time limit", 50),
        WriteConcernError("operation was interrupted", 11602),
        WriteConcernError("Primary stepped down while waiting for replication", 189),
        WriteError("Not primary while writing to finetunings", 189),
        BulkWriteError({"writeErrors": [{"index": 1, "code": 189}]}),
    ],
    ids=repr,
)
def test_a_mongodb_that_does_not_answer_is_unavailable(problem: PyMongoError) -> None:
    """The operation may or may not have been carried out, and asking again may work."""
    assert is_unavailable(problem)


@pytest.mark.parametrize(
    "problem",
    [
        OperationFailure("unknown operator", 2),
        DuplicateKeyError("E11000", 11000),
        BulkWriteError({"writeErrors": [{"index": 1, "code": 11000}]}),
        ValueError("no"),
    ],
    ids=repr,
)
def test_a_refusal_is_no_outage(problem: Exception) -> None:
    """A refusal by MongoDB is a mistake of ours, and must not be called an outage."""
    assert not is_unavailable(problem)


@pytest.mark.parametrize(
    ("problem", "is_so"),
    [
        (AutoReconnect("connection closed"), True),
        (OperationFailure("operation was interrupted", 11602), True),
        (WriteError("Not primary while writing to finetunings", 189), True),
        (WriteConcernError("Primary stepped down while waiting for replication", 189), True),
        (WriteConcernError("waiting for replication timed out", 64), False),
        (NetworkTimeout("timed out"), False),
        (ServerSelectionTimeoutError("no primary"), False),
        (WriteError("Document failed validation", 121), False),
    ],
    ids=repr,
)
def test_a_write_is_made_again_if_a_failover_broke_it_off(problem: PyMongoError, is_so: bool) -> None:
    """Not if its time is over, nor if it was refused."""
    assert is_broken_off(problem) is is_so


async def test_no_secret_of_the_uri_is_shown() -> None:
    """Neither the client nor its objects have a password in their repr; the driver's own have."""
    uri = "mongodb://op:a-secret@127.0.0.1:1/?tls=true&tlsCertificateKeyFilePassword=a-secret"
    async with connect(uri, timeout_s=1) as client:
        shown = [repr(one) for one in (client, client["a"], client["a"]["b"], client["a"]["b"].find())]
    assert shown == [
        "<guarded AsyncMongoClient>",
        "<guarded AsyncDatabase>",
        "<guarded AsyncCollection>",
        "<guarded AsyncCursor>",
    ]
