"""Refused MongoDB URIs, and their messages.

No part of a password may pass for a host, or be repeated.
"""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pymongo.uri_parser import parse_uri

from graphql_api.composition.mongodb_uri import ESCAPE, complaint_about

HOST = "mongodb.example"
SECRET = "s3cr3t"

passwords = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("uri", "wrong"),
    [
        (f"mongodb://op:{SECRET}@word@{HOST}", "has more than one @"),
        (f"mongodb://op:{SECRET}@wo/rd@{HOST}/", "has more than one @"),
        (f"mongodb://op:{SECRET}@word@{HOST}/?appName=a", "has more than one @"),
        (f"mongodb+srv://op:{SECRET}@word@{HOST}", "has more than one @"),
        (f"mongodb://op:{SECRET}/12@{HOST}", "has one of / ? [ ] before its @"),
        (f"mongodb://op:12/{SECRET}@{HOST}", "has one of / ? [ ] before its @"),
        (f"mongodb://op:{SECRET}?w@{HOST}", "has one of / ? [ ] before its @"),
        (f"mongodb://op:[{SECRET}]@{HOST}", "has one of / ? [ ] before its @"),
        (f"mongodb://{HOST}/?appName={SECRET}@x", "has one of / ? [ ] before its @"),
        (f"mongodb://op:{SECRET}#word@{HOST}", "has a #"),
        (f"mongodb://op:{SECRET}:word@{HOST}", "has more than one : before its @"),
        (
            f"mongodb://op:{SECRET}%word@{HOST}",
            "has a % before its @ without two hexadecimal digits after it",
        ),
        (f"mongodb://op:{SECRET}%@{HOST}", "has a % before its @ without two hexadecimal digits after it"),
        (f"mongodb://:{SECRET}@{HOST}", "has an @ and no user name before it"),
        (f"mongodb://op:{SECRET} word@{HOST}", "has a space or a control character"),
        (f"mongodb://op:{SECRET}\nword@{HOST}", "has a space or a control character"),
        (f"mongodb://op:{SECRET}", "names no hosts as HOST or HOST:PORT, separated by commas"),
        (f"mongodb://op:{SECRET}@", "names no hosts as HOST or HOST:PORT, separated by commas"),
        (f"mongodb://op:{SECRET}@a,,b", "names no hosts as HOST or HOST:PORT, separated by commas"),
        (f"mongodb://op:{SECRET}@a:65536", "names no hosts as HOST or HOST:PORT, separated by commas"),
        (f"mongodb://op:{SECRET}@::1", "names no hosts as HOST or HOST:PORT, separated by commas"),
    ],
)
def test_what_would_be_misread_is_refused(uri: str, wrong: str) -> None:
    """The message gives the wrong character and how to write it, and nothing of the URI."""
    complaint = complaint_about(uri)
    assert complaint == f"{wrong}; {ESCAPE}"
    assert SECRET not in complaint
    assert HOST not in complaint


@pytest.mark.parametrize("uri", ["", HOST, f"postgres://op:{SECRET}@{HOST}", f"'mongodb://{HOST}'"])
def test_another_scheme_is_refused(uri: str) -> None:
    """Only MongoDB's schemes are known."""
    assert complaint_about(uri) == "must begin with mongodb:// or mongodb+srv://"


@pytest.mark.parametrize(
    "uri",
    [
        f"mongodb://{HOST}",
        f"mongodb://{HOST}:27017/?replicaSet=rs0",
        f"mongodb://op:{quote('@:/?#[]% ', safe='')}@{HOST}/admin?authSource=admin",
        f"mongodb://op@{HOST}/?authMechanism=MONGODB-X509&tls=true",
        "mongodb://op:pass,word@a:1,b:2,c/",
        "mongodb://[::1]:27017,10.0.0.1/",
        "mongodb://%2Frun%2Fmongodb.sock/?directConnection=true",
        "mongodb+srv://op:pass@cluster0.abc_de.example/?retryWrites=true&w=majority",
    ],
)
def test_what_is_well_formed_is_taken(uri: str) -> None:
    """The forms that MongoDB documents."""
    assert complaint_about(uri) is None


@given(password=passwords)
@example(password="pa@ss/word")
@example(password="12/3")
def test_no_password_passes_for_a_host(password: str) -> None:
    """Any unescaped text is refused, or read by the driver with the one host in it."""
    uri = f"mongodb://op:{password}@{HOST}"
    if complaint_about(uri) is None:
        assert parse_uri(uri)["nodelist"] == [(HOST, 27017)]


@given(password=passwords)
def test_every_password_can_be_escaped(password: str) -> None:
    """Percent-encoded, any password is taken, and comes out of the driver as it is."""
    uri = f"mongodb://op:{quote(password, safe='')}@{HOST}"
    assert complaint_about(uri) is None
    assert parse_uri(uri)["password"] == password
