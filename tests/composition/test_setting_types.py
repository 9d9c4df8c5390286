"""The kinds of values of settings, and the faults of each.

``test_settings`` has the settings that take them.
"""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from graphql_api.composition.mongodb_uri import ESCAPE
from graphql_api.composition.setting_types import (
    Hosts,
    Listed,
    Lowered,
    MongodbUri,
    Networks,
    Origins,
    Rate,
    WebhookSecret,
)

NO_ORIGIN = (
    "must be *, or origins as browsers send them: scheme and host in lower case, "
    "without a path and the scheme's own port, such as https://app.example.com"
)
NO_HOST = (
    "must be names, addresses or networks, without a port and without wildcards, "
    "such as api.example.com or 10.0.0.0/8"
)
NO_RATE = "must be off, or a number for a second, minute, hour or day, such as 20/minute"
NO_NETWORK = "must be addresses or networks, such as 10.0.0.7 or 10.0.0.0/8"


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (WebhookSecret, "whsec_", "must be base64 after its prefix whsec_"),
        (WebhookSecret, "whsec_no base64", "must be base64 after its prefix whsec_"),
        (Rate, "0/minute", NO_RATE),
        (Rate, "-1/minute", NO_RATE),
        (Rate, "20", NO_RATE),
        (Rate, "20/week", NO_RATE),
        (Rate, "20 per minute", NO_RATE),
        (Rate, "20/minute;1/day", NO_RATE),
        (Rate, "on", NO_RATE),
        (Hosts, "*", NO_HOST),
        (Hosts, "*.example.com", NO_HOST),
        (Hosts, "api.example.com:8000", NO_HOST),
        (Hosts, "https://api.example.com", NO_HOST),
        (Hosts, "[::1]", NO_HOST),
        (Networks, "*", NO_NETWORK),
        (Networks, "127.0.0.1,proxy", NO_NETWORK),
        (Origins, "app.example.com", NO_ORIGIN),
        (Origins, "https://app.example.com/", NO_ORIGIN),
        (Origins, "*,null", NO_ORIGIN),
        (Origins, "https://*.example.com", NO_ORIGIN),
        (Origins, "https://a:99999999", NO_ORIGIN),
        (Origins, "https://a:b", NO_ORIGIN),
        (Origins, "https://a:", NO_ORIGIN),
        (Origins, "https://[bad", NO_ORIGIN),
        (Origins, "https://[::zz]", NO_ORIGIN),
        (Origins, "https://[1:2]", NO_ORIGIN),
        (Origins, "https://App.Example.com", NO_ORIGIN),
        (Origins, "HTTPS://app.example.com", NO_ORIGIN),
        (Origins, "https://app.example.com:443", NO_ORIGIN),
        (Origins, "http://app.example.com:80", NO_ORIGIN),
        (Origins, "https://app.example.com:08443", NO_ORIGIN),
        (Origins, "https://[0:0:0:0:0:0:0:1]", NO_ORIGIN),
        (MongodbUri, "mongodb://op:pa@ss/word@127.0.0.1", f"has more than one @; {ESCAPE}"),
        (MongodbUri, "mongo://127.0.0.1", "must begin with mongodb:// or mongodb+srv://"),
    ],
)
def test_bad_values(kind: Any, value: str, reason: str) -> None:
    """The fault is told."""
    with pytest.raises(ValidationError) as invalid:
        TypeAdapter(kind).validate_python(value)
    assert [error["msg"] for error in invalid.value.errors()] == [f"Value error, {reason}"]


def test_a_list_may_be_given_as_one() -> None:
    """Only a text is split, so tests and programs give tuples."""
    assert TypeAdapter(Listed[str]).validate_python(("a,b", "c")) == ("a,b", "c")


def test_a_word_is_lowered() -> None:
    """In any mixture of cases."""
    assert TypeAdapter(Lowered[str]).validate_python("oFF") == "off"
