"""A cache bounded by characters: what it keeps, and what it lets go of."""

from graphql_api.bounded_cache import BoundedCache


def test_what_was_not_used_longest_goes_first() -> None:
    """A look-up is a use."""
    cache: BoundedCache[int] = BoundedCache(most_characters=6)
    for number, text in enumerate(["aa", "bb", "cc"]):
        cache.keep(text, number, text=text)
    assert cache.get("aa") == 0
    cache.keep("d", 3, text="d")
    assert [cache.get(text) for text in ("aa", "bb", "cc", "d")] == [0, None, 2, 3]


def test_the_bound_holds_whatever_is_kept() -> None:
    """What is larger than all of it is not kept, nor is anything else beside it."""
    cache: BoundedCache[int] = BoundedCache(most_characters=6)
    cache.keep("aa", 0, text="aa")
    cache.keep("huge", 1, text="x" * 7)
    assert (len(cache), cache.get("aa"), cache.get("huge")) == (0, None, None)
    cache.keep("whole", 2, text="x" * 6)
    assert cache.get("whole") == 2


def test_what_is_kept_again_counts_once() -> None:
    """With its latest text and value."""
    cache: BoundedCache[int] = BoundedCache(most_characters=6)
    for value in range(5):
        cache.keep("key", value, text="xxx")
    cache.keep("other", 9, text="yyy")
    assert (cache.get("key"), cache.get("other"), len(cache)) == (4, 9, 2)
