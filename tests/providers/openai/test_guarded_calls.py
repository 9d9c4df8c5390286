"""The provider behind the guard: a base URL that the operator did not choose.

A refusal is a request that never left, and ends as soon as the name leads to a good address again.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from socket import gaierror

import pytest

from graphql_api.providers.connections import trusted_certificates
from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.port import NotSentError, ProviderFault
from graphql_api.sandbox.openai import Account, ManualClock, Sandbox, SandboxServer
from tests.providers.openai.test_sandbox import TRAINING_FILE
from tests.providers.openai.wire import CALLS, SPEC, Call, job, provider_at
from tests.providers.outbound.answers import Answers
from tests.providers.outbound.certificates import Certificate, certificate_for
from tests.providers.raw_server import RawServer, answer, reset

NAME = "gateway.corp.example"
INSIDE, OUTSIDE = "127.0.0.1", "127.0.0.2"
REFUSED = "The provider could not be reached: its host leads to an address that is not public"
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
CANCELLED = answer(200, job(status="cancelled"))


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Certificate]:
    """The certificate of ``NAME``, trusted by the provider."""
    certificate = certificate_for(NAME, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    trusted_certificates.cache_clear()
    yield certificate
    trusted_certificates.cache_clear()


async def fault_of(call: Call, provider: OpenAIProvider) -> ProviderFault:
    """Return the failure of a call."""
    with pytest.raises(ProviderFault) as caught:
        await call(provider)
    return caught.value


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_name_that_leads_inside_is_not_sent(call: Call) -> None:
    """No connection is made, and the words do not tell the address."""
    guard = OutboundGuard(resolver=Answers([INSIDE]))
    async with (
        RawServer(reset).running() as inside,
        provider_at(f"https://{NAME}:{inside.port}/v1", guard=guard) as provider,
    ):
        fault = await fault_of(call, provider)
    assert (type(fault), fault.message) == (NotSentError, REFUSED)
    assert inside.connections == 0


@pytest.mark.parametrize("host", [INSIDE, "[::ffff:127.0.0.1]", "localhost", "2130706433"])
async def test_a_host_that_is_not_public_is_not_sent(host: str) -> None:
    """Whatever was allowed when the URL was set; the provider is built, and may work again later."""
    async with (
        RawServer(reset).running() as inside,
        provider_at(f"https://{host}:{inside.port}/v1", guard=OutboundGuard()) as provider,
    ):
        fault = await fault_of(CALLS["cancel"], provider)
    assert type(fault) is NotSentError
    assert fault.message.startswith("The provider could not be reached: its host ")
    assert inside.connections == 0


async def test_a_cancel_is_carried_out_once_the_name_is_good_again(certificate: Certificate) -> None:
    """The same provider asks the DNS again: first not sent, then cancelled."""
    guard = OutboundGuard(allowed_hosts=[OUTSIDE], resolver=Answers([INSIDE], [OUTSIDE]))
    async with (
        RawServer(CANCELLED, host=OUTSIDE, tls=certificate.server).running() as outside,
        provider_at(f"https://{NAME}:{outside.port}/v1", guard=guard) as provider,
    ):
        assert type(await fault_of(CALLS["cancel"], provider)) is NotSentError
        assert (await provider.cancel_job("ftjob-1")).status == "cancelled"
    assert [request.path for request in outside.requests] == ["/v1/fine_tuning/jobs/ftjob-1/cancel"]


async def test_a_redirect_is_not_followed(certificate: Certificate) -> None:
    """A public endpoint may not send the server inside, nor anywhere else."""
    guard = OutboundGuard(allowed_hosts=[OUTSIDE], resolver=Answers([OUTSIDE]))
    async with RawServer(reset).running() as inside:
        away = answer(302, headers={"location": f"http://{INSIDE}:{inside.port}/"})
        async with (
            RawServer(away, host=OUTSIDE, tls=certificate.server).running() as outside,
            provider_at(f"https://{NAME}:{outside.port}/v1", guard=guard) as provider,
        ):
            fault = await fault_of(CALLS["retrieve"], provider)
    assert fault.message == "The provider answered with a redirect (302): check the base URL"
    assert (inside.connections, outside.connections) == (0, 1)


@pytest.mark.parametrize("is_guarded", [True, False])
async def test_no_proxy_stands_between_the_guard_and_the_host(
    certificate: Certificate, is_guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would look up the name itself. Without a guard it is used, as for the operator's own URL."""
    async with (
        RawServer(reset).running() as proxy,
        RawServer(CANCELLED, host=OUTSIDE, tls=certificate.server).running() as outside,
    ):
        for name in PROXIES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        guard = OutboundGuard(allowed_hosts=[OUTSIDE], resolver=Answers([OUTSIDE])) if is_guarded else None
        async with provider_at(f"https://{NAME}:{outside.port}/v1", guard=guard) as provider:
            if is_guarded:
                assert (await provider.cancel_job("ftjob-1")).status == "cancelled"
            else:
                assert type(await fault_of(CALLS["cancel"], provider)) is NotSentError
    assert (proxy.connections, len(outside.requests)) == ((0, 1) if is_guarded else (1, 0))


@pytest.mark.parametrize(
    ("host", "allowed"), [(INSIDE, "127.0.0.0/8"), (NAME, NAME), ("localhost", "localhost")]
)
async def test_a_gateway_of_the_operator_works_from_the_file_to_the_cancel(host: str, allowed: str) -> None:
    """By address, by name, and by a name that the machine's own resolver knows; without TLS, too."""
    resolver = None if host == "localhost" else Answers([INSIDE])
    guard = OutboundGuard(allowed_hosts=[allowed], resolver=resolver)
    async with SandboxServer(Sandbox(account=Account(clock=ManualClock()))) as server:
        url = server.base_url.replace(INSIDE, host)
        async with provider_at(url, guard=guard) as provider:
            file = await provider.upload_training_file(TRAINING_FILE, filename="f1-records.jsonl")
            created = await provider.create_job(replace(SPEC, training_file_id=file.id))
            assert [found.id for found in await provider.find_jobs(finetuning_id="f1")] == [created.id]
            assert (await provider.cancel_job(created.id)).status == "cancelled"


async def test_a_name_without_an_address_is_not_sent() -> None:
    """An outage of the DNS is one of the provider: the call is repeated later."""

    class Failing(Answers):
        async def __call__(self, host: str, port: int) -> list[str]:
            raise gaierror(-3, "Temporary failure in name resolution")

    guard = OutboundGuard(resolver=Failing())
    async with provider_at(f"https://{NAME}/v1", guard=guard) as provider:
        fault = await fault_of(CALLS["cancel"], provider)
    assert type(fault) is NotSentError
    assert fault.message.endswith("Temporary failure in name resolution")
