"""What counts as a MongoDB that is out of reach, and what as a refusal."""

import pytest
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from graphql_api.documents import is_unavailable


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
    ],
    ids=repr,
)
def test_a_mongodb_that_does_not_answer_is_unavailable(problem: PyMongoError) -> None:
    """Nobody knows whether the operation was carried out, and asking again may work."""
    assert is_unavailable(problem)


@pytest.mark.parametrize(
    "problem",
    [OperationFailure("unknown operator", 2), DuplicateKeyError("E11000", 11000), ValueError("no")],
    ids=repr,
)
def test_a_refusal_is_no_outage(problem: Exception) -> None:
    """What MongoDB refuses is a mistake of ours, and must not be called an outage."""
    assert not is_unavailable(problem)
