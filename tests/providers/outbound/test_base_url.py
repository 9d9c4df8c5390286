"""A tenant's base URL when it is set: what is refused, and what is kept."""

import pytest

from graphql_api.errors import UnsafeBaseUrlError
from graphql_api.providers.outbound import OutboundGuard, checked_base_url

NOT_A_URL = "it is not a URL"
NO_HOST = "it has no host"
CHARACTERS = "it has one of the characters @ ? # \\"
PORT = "its port is not between 1 and 65535"
NOT_HTTPS = "it does not begin with https://"
NOT_PLAIN = "its host is not written as a plain name or address"
INTERNAL = "its host has a name of an internal network"
NOT_PUBLIC = "its host is not a public address"

HOSTILE = {
    # what is no plain https URL
    "": NO_HOST,
    "not a url": NO_HOST,
    "api.example.com/v1": NO_HOST,
    "//api.example.com/v1": NOT_HTTPS,
    "https://": NO_HOST,
    "https:///v1": NO_HOST,
    "https://[::1": NOT_A_URL,
    "https://api.example.com\r\nHost: x": NOT_A_URL,
    "https://api.example.com/\ud800": NOT_A_URL,
    "https://api.example.com/" + "x" * 70_000: NOT_A_URL,
    "http://api.example.com/v1": NOT_HTTPS,
    "http://8.8.8.8/v1": NOT_HTTPS,
    "ftp://api.example.com/v1": NOT_HTTPS,
    "file://api.example.com/etc/passwd": NOT_HTTPS,
    "gopher://api.example.com/": NOT_HTTPS,
    "unix://api.example.com/": NOT_HTTPS,
    "https://user:password@api.example.com/v1": CHARACTERS,
    "https://@api.example.com/v1": CHARACTERS,
    "https://api.example.com\\@127.0.0.1/v1": CHARACTERS,
    "https://api.example.com/v1?": CHARACTERS,
    "https://api.example.com/v1?api-version=preview": CHARACTERS,
    "https://api.example.com/v1#top": CHARACTERS,
    "https://api.example.com:port/v1": NOT_A_URL,
    "https://api.example.com:0/v1": PORT,
    "https://api.example.com:-1/v1": PORT,
    "https://api.example.com:65536/v1": PORT,
    # IPv4 in every spelling
    "https://127.0.0.1/v1": NOT_PUBLIC,
    "https://127.255.255.254": NOT_PUBLIC,
    "https://0.0.0.0": NOT_PUBLIC,
    "https://10.0.0.7": NOT_PUBLIC,
    "https://172.16.0.1": NOT_PUBLIC,
    "https://192.168.1.1": NOT_PUBLIC,
    "https://100.64.0.1": NOT_PUBLIC,
    "https://198.18.0.1": NOT_PUBLIC,
    "https://224.0.0.1": NOT_PUBLIC,
    "https://240.0.0.1": NOT_PUBLIC,
    "https://255.255.255.255": NOT_PUBLIC,
    "https://2130706433/": NOT_PLAIN,
    "https://0x7f000001/": NOT_PLAIN,
    "https://0X7F.0.0.1/": NOT_PLAIN,
    "https://017700000001/": NOT_PLAIN,
    "https://0177.0.0.1/": NOT_A_URL,
    "https://127.1/": NOT_PLAIN,
    "https://127.0.1/": NOT_PLAIN,
    "https://0/": NOT_PLAIN,
    "https://127.0.0.0x1/": NOT_PLAIN,
    "https://127.0.0.1./": NOT_PLAIN,
    "https://999.1.1.1/": NOT_A_URL,
    "https://127%2E0.0.1/": NOT_PLAIN,
    "https://127。0。0。1/": NOT_PUBLIC,
    "https://127\uff0e0\uff0e0\uff0e1/": NOT_PUBLIC,
    "https://①②⑦.0.0.1/": NOT_A_URL,
    # IPv6 in every spelling
    "https://[::1]/v1": NOT_PUBLIC,
    "https://[0:0:0:0:0:0:0:1]/": NOT_PUBLIC,
    "https://[::]/": NOT_PUBLIC,
    "https://[::ffff:127.0.0.1]/": NOT_PUBLIC,
    "https://[::FFFF:7F00:1]/": NOT_PUBLIC,
    "https://[::ffff:a9fe:a9fe]/": NOT_PUBLIC,
    "https://[::127.0.0.1]/": NOT_PUBLIC,
    "https://[::8.8.8.8]/": NOT_PUBLIC,
    "https://[2002:7f00:1::]/": NOT_PUBLIC,
    "https://[2002:808:808::1]/": NOT_PUBLIC,
    "https://[64:ff9b::127.0.0.1]/": NOT_PUBLIC,
    "https://[64:ff9b::a9fe:a9fe]/": NOT_PUBLIC,
    "https://[64:ff9b:1::808:808]/": NOT_PUBLIC,
    "https://[2001:0:7f00:1::]/": NOT_PUBLIC,
    "https://[fc00::1]/": NOT_PUBLIC,
    "https://[fe80::1]/": NOT_PUBLIC,
    "https://[fe80::1%25eth0]/": NOT_PLAIN,
    "https://[fe80::1%eth0]/": NOT_PLAIN,
    "https://[2606:4700::1%251]/": NOT_PLAIN,
    "https://[fec0::1]/": NOT_PUBLIC,
    "https://[ff02::1]/": NOT_PUBLIC,
    "https://[2001:db8::1]/": NOT_PUBLIC,
    "https://[127.0.0.1]/": NOT_A_URL,
    # metadata services
    "https://169.254.169.254/latest/meta-data": NOT_PUBLIC,
    "https://[fd00:ec2::254]/": NOT_PUBLIC,
    "https://metadata.google.internal/": INTERNAL,
    "https://100.100.100.200/": NOT_PUBLIC,
    "https://168.63.129.16/": NOT_PUBLIC,
    "https://192.0.0.192/": NOT_PUBLIC,
    # names of internal networks
    "https://localhost/v1": INTERNAL,
    "https://LOCALHOST:8443/v1": INTERNAL,
    "https://api.localhost/": INTERNAL,
    "https://printer.local/": INTERNAL,
    "https://Vault.Internal/": INTERNAL,
    "https://mongo:27017/": INTERNAL,
    "https://localhost./": NOT_PLAIN,
    "https://localhost。/": NOT_PLAIN,
    "https://metadata。google。internal/": INTERNAL,
    "https://\uff4c\uff4fcalhost/": NOT_A_URL,
    "https://api..example.com/": NOT_PLAIN,
    "https://.example.com/": NOT_PLAIN,
    "https://api.exa mple.com/": NOT_PLAIN,
    "https://*.example.com/": NOT_PLAIN,
    f"https://{'x' * 64}.example.com/": NOT_PLAIN,
    f"https://{'x.' * 127}com/": NOT_PLAIN,
}

GOOD = {
    "https://api.openai.com/v1": "https://api.openai.com/v1",
    "  https://api.example.com/v1\n": "https://api.example.com/v1",
    "HTTPS://API.Example.COM/V1": "https://api.example.com/V1",
    "https://api.example.com": "https://api.example.com",
    "https://api.example.com:443/v1": "https://api.example.com/v1",
    "https://api.example.com:8443/v1": "https://api.example.com:8443/v1",
    "https://api.example.com:1": "https://api.example.com:1",
    "https://api.example.com:65535": "https://api.example.com:65535",
    "https://your-resource.openai.azure.com/openai/v1": "https://your-resource.openai.azure.com/openai/v1",
    "https://bücher.example/v1": "https://xn--bcher-kva.example/v1",
    "https://a_b.example.com": "https://a_b.example.com",
    "https://1and1.example": "https://1and1.example",
    "https://internal.example.com": "https://internal.example.com",
    "https://localhost.example.com": "https://localhost.example.com",
    "https://8.8.8.8/v1": "https://8.8.8.8/v1",
    "https://172.32.0.1": "https://172.32.0.1",
    "https://[2606:4700::1111]:8443/v1": "https://[2606:4700::1111]:8443/v1",
    "https://[64:ff9b::808:808]": "https://[64:ff9b::808:808]",
    "https://[::ffff:8.8.8.8]": "https://[::ffff:8.8.8.8]",
}

ALLOWED = ("gateway.corp.example", "10.1.2.0/24", "fd00::7", "vault.internal", "mongo")
OF_THE_OPERATOR = [
    "http://gateway.corp.example/v1",
    "http://gateway.corp.example:8443/v1",
    "http://10.1.2.200:4000/openai/v1",
    "https://10.1.2.3",
    "http://[::ffff:10.1.2.3]/v1",
    "http://[fd00::7]:8080",
    "http://vault.internal",
    "https://mongo:8443",
]
NOT_OF_THE_OPERATOR = {
    "http://10.1.3.1/": NOT_HTTPS,
    "https://10.1.3.1/": NOT_PUBLIC,
    "https://[fd00::8]/": NOT_PUBLIC,
    "http://api.gateway.corp.example/": NOT_HTTPS,
    "https://other.internal/": INTERNAL,
    "ftp://gateway.corp.example/": NOT_HTTPS,
    "https://167838211/": NOT_PLAIN,  # 10.1.2.3
    "http://user@gateway.corp.example/": CHARACTERS,
}


def refusal(url: str, *allowed: str) -> UnsafeBaseUrlError:
    """Return the error for a URL."""
    with pytest.raises(UnsafeBaseUrlError) as caught:
        checked_base_url(url, guard=OutboundGuard(allowed_hosts=allowed))
    return caught.value


def sentence(reason: str) -> str:
    """Return the error's text."""
    return (
        f"The base URL cannot be used, because {reason}; give the https:// URL of a public endpoint, "
        "or ask the operator to allow the host."
    )


@pytest.mark.parametrize(("url", "reason"), HOSTILE.items())
def test_a_hostile_url_is_refused_with_its_reason(url: str, reason: str) -> None:
    """The code is for programs; the sentence says what is wrong and what to do."""
    error = refusal(url)
    assert (error.message, error.extensions) == (sentence(reason), {"code": "UNSAFE_BASE_URL"})


@pytest.mark.parametrize(("url", "kept"), GOOD.items())
def test_a_good_url_is_kept_in_one_spelling(url: str, kept: str) -> None:
    """It is what the HTTP client will ask."""
    assert checked_base_url(url, guard=OutboundGuard()) == kept
    assert checked_base_url(kept, guard=OutboundGuard()) == kept


@pytest.mark.parametrize("url", OF_THE_OPERATOR)
def test_the_operator_allows_hosts_that_are_not_public(url: str) -> None:
    """By name, address or network, on any port, without TLS, too."""
    assert checked_base_url(url, guard=OutboundGuard(allowed_hosts=ALLOWED)) == url
    assert refusal(url, "other.example").code == "UNSAFE_BASE_URL"


@pytest.mark.parametrize(("url", "reason"), NOT_OF_THE_OPERATOR.items())
def test_what_the_operator_allows_is_no_more_than_that(url: str, reason: str) -> None:
    """Neither neighbours of a network, nor names below a name, nor other spellings."""
    assert refusal(url, *ALLOWED).message == sentence(reason)
