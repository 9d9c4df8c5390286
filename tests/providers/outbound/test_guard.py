"""What a name may lead to.

The resolver of each test is a list of answers, one for each question.
"""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from graphql_api.providers.outbound.guard import LEADS_INSIDE, OutboundGuard, RefusedHostError, log
from tests.providers.outbound.answers import Answers

NAME = "api.example.com"
PUBLIC = ("8.8.8.8", "2606:4700::1111")


async def told(answer: Sequence[str], *, host: str = NAME, allowed: Sequence[str] = ()) -> list[str]:
    """Return the addresses to connect to."""
    guard = OutboundGuard(allowed_hosts=allowed, resolver=Answers(answer))
    return [str(address) for address in await guard.addresses_of(host, 443)]


async def test_a_name_leads_to_its_public_addresses() -> None:
    """In their order; a mapped address is the one inside."""
    assert await told([*PUBLIC, "::ffff:9.9.9.9"]) == [*PUBLIC, "9.9.9.9"]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00:ec2::254", "::ffff:10.0.0.7", "fe80::1%eth0"],
)
async def test_one_forbidden_address_is_enough(address: str) -> None:
    """Wherever it stands among public ones; the words name the rule, and no address."""
    for answer in ([address], [address, *PUBLIC], [*PUBLIC, address]):
        with pytest.raises(RefusedHostError) as caught:
            await told(answer)
        assert str(caught.value) == LEADS_INSIDE == "its host leads to an address that is not public"


async def test_each_answer_is_checked_anew() -> None:
    """A name that was public may lead inside the next time, and be public again after that."""
    guard = OutboundGuard(resolver=Answers(PUBLIC, ["127.0.0.1"], PUBLIC))
    assert len(await guard.addresses_of(NAME, 443)) == 2
    with pytest.raises(RefusedHostError):
        await guard.addresses_of(NAME, 443)
    assert len(await guard.addresses_of(NAME, 443)) == 2


async def test_an_address_is_not_looked_up() -> None:
    """No resolver is asked for it, and it is checked as well."""
    assert await told([], host="8.8.8.8") == ["8.8.8.8"]
    assert await told([], host="::ffff:8.8.8.8") == ["8.8.8.8"]
    with pytest.raises(RefusedHostError):
        await told([], host="::ffff:127.0.0.1")


async def test_a_name_may_lead_into_an_allowed_network() -> None:
    """And to no other address that is not public."""
    assert await told(["10.1.2.3", *PUBLIC], allowed=["10.1.2.0/24"]) == ["10.1.2.3", *PUBLIC]
    with pytest.raises(RefusedHostError):
        await told(["10.1.3.1"], allowed=["10.1.2.0/24"])


async def test_an_allowed_name_may_lead_anywhere() -> None:
    """The operator vouches for it; a name below it is another one."""
    assert await told(["10.9.9.9"], allowed=[NAME]) == ["10.9.9.9"]
    with pytest.raises(RefusedHostError):
        await told(["10.9.9.9"], host=f"a.{NAME}", allowed=[NAME])


async def test_the_operator_learns_the_addresses() -> None:
    """From the log alone, with the way out."""
    log.throttle.forget()
    with capture_logs() as logs, pytest.raises(RefusedHostError):
        await told(["10.9.9.9", *PUBLIC])
    [line] = logs
    assert (line["host"], line["addresses"]) == (NAME, ["10.9.9.9"])
    assert line["event"].endswith("PROVIDER_ALLOWED_HOSTS")
