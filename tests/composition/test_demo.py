"""The demo is honest: a false fact ends it."""

import pytest

from graphql_api.composition.demo import _expect
from graphql_api.composition.start_error import StartError


def test_a_fact_that_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """A true fact is ticked off; a false one ends the demo and is named."""
    _expect(True, "one is one")
    with pytest.raises(StartError, match=r"^the demo expected that one is two$"):
        _expect(False, "one is two")
    assert capsys.readouterr().out == "✓ one is one\n"
