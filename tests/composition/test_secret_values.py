"""Which values of the settings are secrets, and what logs hide of them."""

import pytest
from pydantic import SecretStr

from graphql_api.composition.secret_values import redaction_of, secrets_of
from graphql_api.composition.settings import Settings

DEFAULTS = Settings()


def settings(**given: object) -> Settings:
    """Return the defaults with these values."""
    return DEFAULTS.model_copy(update=given)


@pytest.mark.parametrize(
    ("given", "secrets"),
    [
        ({}, set()),
        ({"openai_api_key": SecretStr("k-123456")}, {"k-123456"}),
        ({"openai_webhook_secret": SecretStr("whsec_aGlkZGVu")}, {"aGlkZGVu"}),
        ({"key_pepper": SecretStr('a"b')}, {'a"b', r"a\"b"}),
        ({"mongodb_uri": SecretStr("mongodb://db:27017/?replicaSet=rs0")}, {""}),
        ({"mongodb_uri": SecretStr("mongodb://op:pa%40ss@db,db2/x?y=1")}, {"pa%40ss", "pa@ss"}),
        ({"openai_base_url": "http://op:hidden@host/v1"}, {"hidden"}),
        ({"openai_base_url": "https://host/v1"}, {""}),
    ],
)
def test_the_secrets_of_settings(given: dict[str, object], secrets: set[str]) -> None:
    """Each secret field, and the password of each address; no host, no name."""
    assert set(secrets_of(settings(**given))) == secrets


def test_words_of_ordinary_lines_are_not_hidden() -> None:
    """A short password would hide them."""
    uri = SecretStr("mongodb://op:mongo@db")
    assert redaction_of(settings(mongodb_uri=uri))("MongoDB does not answer: mongo") == (
        "MongoDB does not answer: mongo"
    )
