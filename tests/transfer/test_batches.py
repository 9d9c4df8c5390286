"""Groups of records for one request each."""

from graphql_api.transfer.batches import MOST_WAITING_BYTES, batches
from graphql_api.transfer.records import Place, Record


def record(number: int, size: int = 1, database: str = "") -> Record:
    """Return a record of this size."""
    return Record(Place("line", number), {"sql": "x" * size}, database)


def test_batches_keep_to_their_limits() -> None:
    """In number and in bytes; a record beyond them goes alone."""
    small = [record(n) for n in range(1_001)]
    assert [len(batch) for batch in batches(small)] == [500, 500, 1]
    large = [record(n, 200_000) for n in range(5)]
    huge = record(9, 600_000)
    assert [len(batch) for batch in batches([*large, huge, *large])] == [2, 2, 1, 1, 2, 2, 1]
    assert list(batches([])) == []


def test_a_batch_is_of_one_database() -> None:
    """Each in its order, also if the file mixes them."""
    mixed = [record(n, database="ab"[n % 2]) for n in range(1_200)]
    found = [(batch[0].database, [one.place.number for one in batch]) for batch in batches(mixed)]
    assert [(database, len(numbers)) for database, numbers in found] == [
        ("a", 500),
        ("b", 500),
        ("a", 100),
        ("b", 100),
    ]
    assert [n for database, numbers in found if database == "a" for n in numbers] == list(range(0, 1_200, 2))


def test_what_waits_is_bounded() -> None:
    """The largest group goes when all of them together are too large."""
    mixed = [record(n, 400_000, database=str(n % 100)) for n in range(200)]
    unread = iter(mixed)
    groups = batches(unread)
    assert [one.place.number for one in next(groups)] == [0]
    assert next(unread).place.number == MOST_WAITING_BYTES // 400_000
    assert sorted(one.place.number for batch in batches(mixed) for one in batch) == list(range(200))
