"""Says in plain words why the driver found no MongoDB to ask."""

import re

from graphql_api.errors import first_line

_DETAILS = re.compile(r" \(configured timeouts: [^)]*\)|, Timeout: .*", re.DOTALL)
"""What the driver adds to a reason: its time limits, and the state of all servers."""
_PLACE = re.compile(r"^(?:SSL handshake failed: )?(?P<place>\S+): ")

_WORDS = (
    (
        r"Connect call failed|refused",
        "nobody listens at {place}: start MongoDB there, or correct the address",
    ),
    (r"Name or service|nodename|resolution|getaddrinfo", "no host is known as {host}: correct the address"),
    (r"SSL handshake failed", "{place} accepts no TLS connection{why}"),
    (r"timed out", "{place} does not answer in time: is a firewall in between, or is the address wrong?"),
    (r"\bclosed\b|reset", "{place} closes the connection: it may want TLS (tls=true), or be no MongoDB"),
    (r"No such file", "there is no socket {place}: start MongoDB, or correct the address"),
    (
        r"message size|Message length|bad opcode|opcode",
        "what answers there is no MongoDB: correct the address",
    ),
    (
        r"[Nn]o primary|[Nn]o replica set members",
        "the replica set has no primary: check that a majority is up",
    ),
)


def in_plain_words(nobody: Exception) -> str:
    """Return the reason in one line, with the address; of several servers, the first one's."""
    reason = _DETAILS.sub("", first_line(nobody))
    found = _PLACE.match(reason)
    place = found["place"] if found else "its address"
    why = reason[found.end() :] if found else ""
    for pattern, words in _WORDS:
        if re.search(pattern, reason):
            shown = f": {why}" if why else ""
            return words.format(place=place, host=place.rpartition(":")[0], why=shown)
    return reason
