"""The options of several commands."""

import click
import pytest

from graphql_api.client.options import Pair, confirm


def test_a_pair_has_a_name_and_a_value() -> None:
    """The value may have an equals sign, or be empty."""
    assert Pair().convert("a=b=c", None, None) == ("a", "b=c")
    assert Pair().convert("a=", None, None) == ("a", "")
    for wrong in ("a", "=b"):
        with pytest.raises(click.BadParameter, match="is not KEY=VALUE"):
            Pair().convert(wrong, None, None)


def test_a_script_is_not_asked() -> None:
    """The tests have no terminal."""
    confirm("Delete?", yes=False)
    confirm("Delete?", yes=True)
