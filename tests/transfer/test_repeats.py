"""What comes more than once among many."""

from hashlib import sha256

from graphql_api.transfer.records import Place, Record
from graphql_api.transfer.repeats import Digests, Once, Seen


def digest(number: int) -> bytes:
    """Return the digest of a number."""
    return sha256(str(number).encode()).digest()


def test_repeated_digests_are_found_among_thousands() -> None:
    """In memory of eight bytes each."""
    bag = Digests()
    for number in [*range(5_000), *range(0, 5_000, 100), 0]:
        bag.add(digest(number))
    again = bag.repeated()
    assert [number for number in range(5_000) if digest(number) in again] == list(range(0, 5_000, 100))
    assert bag.surplus() == 51
    assert digest(4_999) in bag
    assert digest(5_000) not in bag
    assert again.surplus() == 0
    assert sum(bucket.itemsize * len(bucket) for bucket in bag._buckets) == 8 * 5_051


def test_a_digest_can_be_added_after_a_question() -> None:
    """The bag is in order again."""
    bag = Digests()
    for number in (3, 1, 2):
        bag.add(digest(number))
        assert digest(number) in bag


def test_only_the_first_of_equal_records_passes() -> None:
    """Copies are counted; a record that is alike in eight bytes only is none."""
    records = [Record(Place("line", n), {"sql": str(n % 3)}) for n in range(7)]
    bag = Digests()
    for record in records:
        bag.add(record.digest)
    once = Once(bag.repeated())
    assert [one.place.number for one in once.of(records)] == [0, 1, 2]
    assert once.left_out == 4
    seen = Seen(bag.repeated())
    near = records[0].digest[:8] + bytes(24)
    assert [seen.comes_again(one) for one in (records[0].digest, near, near)] == [False, False, True]
