"""The intervals of garbage collection.

Refused requests are not hoarded, and no request waits long for a collection.
"""

import gc
from collections.abc import Iterator

import pytest
from graphql import parse

from graphql_api.composition.server import COLLECTIONS

DOCUMENTS = 60
MOST_OBJECTS = 150_000
"""Some twenty megabytes; one document is about thirty thousand objects, which refer to each other."""


@pytest.fixture
def collected_as_served() -> Iterator[int]:
    """Yield how many objects there are, and collect garbage from then on as the server does."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    yield len(gc.get_objects())
    gc.set_threshold(*before)
    gc.unfreeze()


def test_documents_that_are_gone_do_not_pile_up(collected_as_served: int) -> None:
    """Only a few of sixty documents with references among their parts are there at one time."""
    document = f"query A {{ __typename }} fragment F on Finetuning {{ {'id ' * 4900} }}"
    most = 0
    for _ in range(DOCUMENTS):
        parse(document)
        most = max(most, len(gc.get_objects()) - collected_as_served)
    assert most < MOST_OBJECTS
