"""A cache bounded by characters."""

from graphql_api.bounded_cache import BoundedCache


def test_what_was_not_used_longest_goes_first() -> None:
    """A look-up is a use."""
    cache: BoundedCache[int] = BoundedCache(most_characters=6, entry_characters=0)
    for number, text in enumerate(["aa", "bb", "cc"]):
        cache.keep(text, number)
    assert cache.get("aa") == 0
    cache.keep("d", 3)
    assert [cache.get(text) for text in ("aa", "bb", "cc", "d")] == [0, None, 2, 3]


def test_the_bound_holds_whatever_is_kept() -> None:
    """A text larger than all of it is not kept, nor is anything else beside it."""
    cache: BoundedCache[int] = BoundedCache(most_characters=6, entry_characters=0)
    cache.keep("aa", 0)
    cache.keep("huge", 1, text="xxx")
    assert (len(cache), cache.get("aa"), cache.get("huge")) == (0, None, None)
    cache.keep("whole", 2, text="x")
    assert cache.get("whole") == 2


def test_what_is_kept_again_counts_once() -> None:
    """With its latest text and value."""
    cache: BoundedCache[int] = BoundedCache(most_characters=6, entry_characters=0)
    for value in range(5):
        cache.keep("a", value, text="xx")
    cache.keep("b", 9, text="yy")
    assert (cache.get("a"), cache.get("b"), len(cache)) == (4, 9, 2)


def test_every_entry_counts_however_short_it_is() -> None:
    """With its key, its text and its overhead."""
    cache: BoundedCache[int] = BoundedCache(most_characters=100, entry_characters=7)
    for number in range(50):
        cache.keep(f"{number:02}", number, text="t")
        assert len(cache) == min(number + 1, 10)
    assert (cache.get("39"), cache.get("40"), cache.get("49")) == (None, 40, 49)
