"""A finding in one line."""

from graphql_api.composition.finding import Finding
from graphql_api.store.suitability import Remark


def test_a_usable_part_says_what_was_looked_at() -> None:
    """A problem says so itself, by its setting."""
    assert (str(Finding("here")), Finding("here").is_usable) == ("ok (here)", True)
    noted = Finding("here", Remark("slow"))
    assert (str(noted), noted.is_usable) == ("ok, but slow (here)", True)
    bad = Finding("here", "PORT: taken")
    assert (str(bad), bad.is_usable) == ("PORT: taken", False)
