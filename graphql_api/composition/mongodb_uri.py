"""Refuses malformed MongoDB URIs, to protect their passwords.

The driver splits a URI at its first ``/`` and the part before it at its last ``@``. In
``user:pa@ss/word@host`` it takes ``ss`` for the host, asks the DNS for it and names it in its errors.
"""

import re

from graphql_api.address import LARGEST_PORT

_SCHEMES = ("mongodb://", "mongodb+srv://")
_HOST = re.compile(r"(?:[\w.%-]+|\[[\da-f:.%]+\])(?::(\d{1,5}))?", re.IGNORECASE)
_BARE_PERCENT = re.compile(r"%(?![\da-f]{2})", re.IGNORECASE)
_NEVER_BARE = re.compile(r"[/?\[\]]")

ESCAPE = (
    "percent-encode user name and password: "
    "% is written %25, @ %40, : %3A, / %2F, ? %3F, # %23, [ %5B, ] %5D, a space %20"
)


def complaint_about(uri: str) -> str | None:
    """Return the URI's problem and its remedy, without any part of the URI; ``None`` if it is good."""
    scheme = next((scheme for scheme in _SCHEMES if uri.startswith(scheme)), None)
    if scheme is None:
        return "must begin with mongodb:// or mongodb+srv://"
    rest = uri.removeprefix(scheme)
    wrong = _misplaced_character(rest)
    if wrong is not None:
        return f"{wrong}; {ESCAPE}"
    hosts = re.split("[/?]", rest.rpartition("@")[2])[0].split(",")
    if not all(map(_is_host, hosts)):
        return f"names no hosts as HOST or HOST:PORT, separated by commas; {ESCAPE}"
    return None


def _misplaced_character(rest: str) -> str | None:
    """Return the complaint about a misplaced character after the scheme, or ``None``."""
    if not rest.isprintable() or " " in rest:
        return "has a space or a control character"
    if "#" in rest:
        return "has a #"
    if rest.count("@") > 1:
        return "has more than one @"
    credentials, at, _ = rest.rpartition("@")
    if at and _NEVER_BARE.search(credentials):
        return "has one of / ? [ ] before its @"
    if credentials.count(":") > 1:
        return "has more than one : before its @"
    if _BARE_PERCENT.search(credentials):
        return "has a % before its @ without two hexadecimal digits after it"
    if at and not credentials.partition(":")[0]:
        return "has an @ and no user name before it"
    return None


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and (found[1] is None or 0 < int(found[1]) <= LARGEST_PORT)
