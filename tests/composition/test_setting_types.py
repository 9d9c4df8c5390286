"""The kinds of values of settings.

``test_settings`` has their good and bad values by the settings that take them.
"""

from pydantic import TypeAdapter

from graphql_api.composition.setting_types import Listed, Lowered


def test_a_list_may_be_given_as_one() -> None:
    """Only a text is split, so tests and programs give tuples."""
    assert TypeAdapter(Listed[str]).validate_python(("a,b", "c")) == ("a,b", "c")


def test_a_word_is_lowered() -> None:
    """In any mixture of cases."""
    assert TypeAdapter(Lowered[str]).validate_python("oFF") == "off"
