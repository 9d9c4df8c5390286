"""The gate of the settings, and the refusal to serve strangers without one."""

import stat
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from graphql_api.access.gate import Gate
from graphql_api.address import is_loopback
from graphql_api.composition.authentication import (
    check_exposure,
    in_one_line,
    open_gate,
    pepper,
)
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.errors import ExpectedError
from graphql_api.store.database import Database

PEPPER = SecretStr("p" * 32)


@pytest.mark.parametrize(
    ("host", "is_near"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  the address under test
        ("::", False),
        ("192.168.0.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_only_loopback_is_served_without_authentication(host: str, *, is_near: bool) -> None:
    """The error names both settings that would do."""
    assert is_loopback(host) is is_near
    settings = Settings(host=host)
    if is_near:
        check_exposure(settings)
        return
    with pytest.raises(StartError, match=r"AUTH=keys .* or AUTH=none"):
        check_exposure(settings)
    for auth in (("none",), ("keys",), ("keys", "oidc")):
        check_exposure(settings.model_copy(update={"auth": auth}))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "everybody on this machine may do everything"),
        (
            {"host": "::", "auth": ("none",)},
            "everybody who reaches this server may do everything (AUTH=none)",
        ),
        ({"auth": ("keys", "oidc")}, "callers need a credential (keys, oidc), each with its own scopes"),
    ],
)
def test_the_log_says_in_one_line_who_may_do_what(changes: dict[str, object], line: str) -> None:
    """An operator sees an open server at its start."""
    assert in_one_line(Settings().model_copy(update=changes)) == line


def test_the_pepper_is_made_once_beside_an_embedded_database(tmp_path: Path) -> None:
    """For its owner alone, and the same at the next start."""
    settings = Settings(data_dir=tmp_path / "data")
    made = pepper(settings)
    assert len(made) == 64
    assert pepper(settings) == made
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_mongodb_of_ones_own_needs_a_pepper(tmp_path: Path) -> None:
    """A file on one server would not be on the others."""
    settings = Settings(mongodb_uri=SecretStr("mongodb://a.example/"), data_dir=tmp_path)
    with pytest.raises(StartError, match="KEY_PEPPER"):
        pepper(settings)
    assert pepper(settings.model_copy(update={"key_pepper": PEPPER})) == b"p" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["oidc_issuer", "oidc_audience"])
async def test_oidc_needs_an_issuer_and_an_audience(database: Database, missing: str) -> None:
    """Without the audience, tokens for other services would be accepted."""
    given = {"oidc_issuer": "https://a.example", "oidc_audience": "a", missing: None}
    settings = Settings(auth=("oidc",)).model_copy(update=given)
    async with AsyncExitStack() as stack:
        with pytest.raises(StartError, match="OIDC_ISSUER, OIDC_AUDIENCE"):
            await open_gate(settings, stack)


async def test_each_kind_of_credential_has_its_source(database: Database) -> None:
    """Keys can be made where they are accepted, and only there."""
    settings = Settings(
        auth=("keys", "oidc"), key_pepper=PEPPER, oidc_issuer="https://a.example", oidc_audience="a"
    )
    async with AsyncExitStack() as stack:
        gate = await open_gate(settings, stack)
        assert len(gate.sources) == 2
        assert gate.keys is gate.sources[0]
        gate = await open_gate(Settings(), stack)
        assert (gate.sources, gate.keys) == ((), None)


@pytest.mark.parametrize(("limit", "is_limited"), [("2/minute", True), ("off", False)])
async def test_the_gate_limits_wrong_credentials(database: Database, *, limit: str, is_limited: bool) -> None:
    """By the setting, or not at all."""
    settings = Settings(auth=("keys",), key_pepper=PEPPER, auth_failure_limit=limit)
    async with AsyncExitStack() as stack:
        gate = await open_gate(settings, stack)
        codes = [await _refusal(gate) for _ in range(3)]
    assert codes == ["UNAUTHENTICATED"] * 2 + ["RATE_LIMITED" if is_limited else "UNAUTHENTICATED"]


async def _refusal(gate: Gate) -> str:
    with pytest.raises(ExpectedError) as refused:
        await gate.caller("nonsense", address="203.0.113.9")
    return refused.value.code
