"""No secret is found where it must not be.

Canaries stand in every secret setting and header, each kind of failure is provoked, and everything that
others can read is searched for six characters of one.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from pymongo import AsyncMongoClient

from chaos.ports import free_port
from graphql_api.access.key_format import Key
from graphql_api.composition.settings import Settings, complaints
from graphql_api.sandbox.openai import Fault, FaultKind
from tests.processes import canaries
from tests.processes.canaries import (
    ALL,
    IN_ACCOUNTS_HEADER,
    OF_ACCOUNT,
    OF_COMMANDS,
    OF_SETTINGS,
    PASSWORD,
    WEBHOOK_SECRET,
    Seen,
)
from tests.processes.client import ADD_RECORDS, CANCEL, READ, Client, http_client
from tests.processes.command import Command, Commands
from tests.processes.deployment import PATIENT, Deployment
from tests.processes.patience import until
from tests.processes.strangers import ask_as_strangers, introduce_sockets

API_KEY = OF_SETTINGS["openai_api_key"]
CREATE_ACCOUNT = """mutation ($input: CreateProviderAccountInput!) {
  createProviderAccount(input: $input) { id name keyEnding headerNames }
}"""
TRY_ACCOUNT = "mutation ($id: ID!) { testProviderAccount(providerAccountId: $id) { finding message } }"
DEAD_MONGODB = f"mongodb://canary:{PASSWORD}@127.0.0.1:9"
NOWHERE = "http://127.0.0.1:9/v1"
USER = {"user": "canary", "pwd": PASSWORD}
FORMS = ("json", "console")
ECHO = f"Incorrect API key provided: {API_KEY}, or {API_KEY[:8]}...{API_KEY[-7:]}"


def values_of_settings(**more: object) -> dict[str, object]:
    """Return a canary in each secret setting, except the address of MongoDB, and keys for callers."""
    return {
        "openai_api_key": API_KEY,
        "openai_webhook_secret": WEBHOOK_SECRET,
        "key_pepper": OF_SETTINGS["key_pepper"],
        "credential_keys": OF_SETTINGS["credential_keys"],
        "together_api_key": OF_SETTINGS["together_api_key"],
        "provider_allowed_hosts": "127.0.0.1",
        "auth": "keys,oidc",
        "oidc_issuer": NOWHERE,
        "oidc_audience": "us",
        "log_level": "debug",
        **more,
    }


@pytest.fixture
async def guarded_uri(deployment: Deployment, mongodb_uri: str) -> AsyncIterator[str]:
    """Yield the URI of a MongoDB with a user whose password is a canary."""
    uri, database = mongodb_uri, str(deployment.settings["mongodb_database"])
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        await client[database].command("createUser", USER["user"], pwd=PASSWORD, roles=["readWrite"])
        yield with_password(uri, database)
        await client[database].command("dropUser", USER["user"])


def with_password(uri: str, database: str, *, user: str = "canary") -> str:
    """Return the URI with the canary's user."""
    start = uri.replace("mongodb://", f"mongodb://{user}:{PASSWORD}@", 1)
    return f"{start}{'&' if '?' in start else '?'}authSource={database}"


def test_every_secret_setting_has_a_canary() -> None:
    """A new secret without one fails here."""
    assert canaries.secret_settings() == OF_SETTINGS.keys()


def test_a_canary_is_found() -> None:
    """Whole, in part, and in the middle of a text; the search itself works."""
    for secret in ALL:
        assert canaries.parts_in(f"x{secret}y")
        assert canaries.parts_in(f"…{secret[3:9]}…".encode())
    assert canaries.parts_in("an ordinary line") == []


def test_no_canary_is_in_a_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a repr, a dump, a complaint nor an error's own text, good values or bad ones."""
    seen = Seen()
    for name, secret in OF_SETTINGS.items():
        value = f"mongodb://canary:{secret}@db" if name == "mongodb_uri" else secret
        settings = Settings().model_copy(update={name: SecretStr(value)})
        seen.note(settings, repr(settings), settings.model_dump(), settings.model_dump_json())
    bad = {"mongodb_uri": f"mongodb://a:b@{PASSWORD}@db", "key_pepper": OF_SETTINGS["key_pepper"][:20]}
    for name in Settings.model_fields:
        monkeypatch.setenv(f"{name.upper()}_FILE", bad.get(name, OF_SETTINGS.get(name, API_KEY)))
    seen.note(*_invalid())
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{name.upper()}_FILE")
        monkeypatch.setenv(name.upper(), bad.get(name, OF_SETTINGS.get(name, API_KEY)))
    seen.note(*_invalid())
    seen.check()


def _invalid() -> list[str]:
    with pytest.raises(ValidationError) as invalid:
        Settings()
    return [complaints(invalid.value), str(invalid.value), repr(invalid.value)]


STARTS: dict[str, tuple[list[str], dict[str, object]]] = {
    "a bad value": (["serve"], {"port": API_KEY}),
    "an address with two passwords": (["serve"], {"mongodb_uri": f"mongodb://a:{PASSWORD}@{PASSWORD}@db"}),
    "no MongoDB": (
        ["serve"],
        {"mongodb_uri": f"mongodb://canary:{PASSWORD}@127.0.0.1:9", "mongodb_timeout_s": 0.3},
    ),
    "the check without MongoDB": (["check"], {"mongodb_uri": DEAD_MONGODB, "mongodb_timeout_s": 0.3}),
    "a pepper that is too short": (["keys", "list"], {"key_pepper": OF_SETTINGS["key_pepper"][:20]}),
    "a secret in place of its file": (["serve"], {"openai_api_key": None, "OPENAI_API_KEY_FILE": API_KEY}),
    "no issuer": (["serve"], {"oidc_issuer": None, "mongodb_uri": None}),
    "a password in the provider's address": (
        ["serve"],
        {"openai_base_url": f"http://a:{PASSWORD}@127.0.0.1:9"},
    ),
    "a key outside ASCII": (["serve"], {"openai_api_key": f"{API_KEY}é"}),
    "a webhook's secret that is none": (["serve"], {"openai_webhook_secret": f"whsec_{API_KEY}!"}),
    "a path that is none": (["serve"], {"trusted_documents": "/nowhere"}),
    "a command with a token": (
        ["golden-records", "export", "--db-connection", "x", "--token", OF_COMMANDS, "--url", NOWHERE],
        {},
    ),
}


@pytest.mark.parametrize("why", STARTS)
async def test_no_canary_is_in_a_refused_start(commands: Commands, mongodb_uri: str, why: str) -> None:
    """Each is told in its own words, without a part of a value."""
    arguments, changes = STARTS[why]
    given = {"mongodb_uri": mongodb_uri, "openai_base_url": NOWHERE, "openai_timeout_s": 0.3, **changes}
    command = await commands.run(*arguments, **values_of_settings(**given))
    assert command.returncode == 1
    seen = Seen()
    seen.note(command.stdout, command.stderr)
    seen.check()


@pytest.mark.parametrize("form", FORMS)
async def test_no_canary_is_in_the_start_that_mongodb_refuses(
    commands: Commands, mongodb_uri: str, form: str
) -> None:
    """MongoDB knows no such user; the line names the setting."""
    uri = with_password(mongodb_uri, "nowhere", user="nobody")
    command = await commands.run("serve", **values_of_settings(mongodb_uri=uri, log_format=form))
    seen = Seen()
    seen.note(command.stdout, command.stderr)
    assert command.returncode == 1
    assert "MONGODB_URI: " in command.stderr
    seen.check()


@pytest.mark.parametrize("form", FORMS)
async def test_no_canary_leaves_a_server(
    deployment: Deployment, entry_point: Commands, guarded_uri: str, form: str
) -> None:
    """Strangers, a provider that repeats its key, webhooks, sockets and tokens: no part of one is shown."""
    port, seen = free_port(), Seen()
    settings = {**deployment.settings, **PATIENT, **values_of_settings(mongodb_uri=guarded_uri)}
    made = await entry_point.run("keys", "create", "--name", "all", "--admin", **settings)
    key = Key.parse(made.stdout.strip())
    server = entry_point.start("serve", **{**settings, "log_format": form, "port": port})
    address = f"127.0.0.1:{port}"
    await until(lambda: "serving" in server.stderr)
    async with http_client() as http:
        await ask_as_strangers(http, f"http://{address}", seen)
        await introduce_sockets(address, seen)
        http.headers["authorization"] = f"Bearer {key.text}"
        await _provider_in_trouble(deployment, Client(http, f"http://{address}"), seen)
        for path in ("/metrics", "/readyz", "/livez", "/"):
            seen.note((await http.get(f"http://{address}{path}")).text)
        _look_at_processes(server, seen, children=1)
    assert await server.stop() == 0
    seen.note(server.stdout, server.stderr, *await _stored(deployment))
    assert any("[hidden]" in text for text in seen.texts)  # the provider's words did arrive
    seen.check(key.text[len("ftk_") + 25 :])


async def _stored(deployment: Deployment) -> list[str]:
    uri, name = (str(deployment.settings[one]) for one in ("mongodb_uri", "mongodb_database"))
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        return [await canaries.stored_in(client[name])]


async def _provider_in_trouble(deployment: Deployment, client: Client, seen: Seen) -> None:
    """Let the provider repeat its key in each kind of refusal, and read what clients are told."""
    connection = await client.connection()
    wrong = [{"promptText": "wrong?", "sql": "SELECT FROM WHERE"}]
    seen.note(await client.ask(ADD_RECORDS, input={"dbConnectionId": connection, "goldenRecords": wrong}))
    for operation, status in (
        ("files.create", 400),
        ("jobs.create", 401),
        ("jobs.create", 400),
        ("files.create", 500),
    ):
        deployment.fault(Fault(kind=FaultKind.STATUS, operation=operation, status=status, message=ECHO))
        created = await client.create(connection)
        await until_faults_are_used(deployment)
        seen.note(await _told(client, CANCEL, created["id"]), await _told(client, READ, created["id"]))
    await _account_in_trouble(deployment, client, seen, connection)
    training = await deployment.training(client, connection)
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=403, message=ECHO))
    seen.note(await _told(client, CANCEL, training["id"]), await client.list())


async def _account_in_trouble(deployment: Deployment, client: Client, seen: Seen, connection: str) -> None:
    """Let a tenant's account be made, be refused with its key repeated, and fail a training."""
    given = {
        "name": "theirs",
        "provider": "openai",
        "apiKey": OF_ACCOUNT,
        "headers": {"x-portkey-api-key": IN_ACCOUNTS_HEADER},
        "baseUrl": deployment.settings["openai_base_url"],
    }
    for wrong in (given | {"apiKey": f"{OF_ACCOUNT}\né"}, given | {"baseUrl": "http://10.0.0.1"}):
        body = {"query": CREATE_ACCOUNT, "variables": {"input": wrong}}
        seen.note((await client.http.post(f"{client.url}/graphql", json=body)).text)
    account = await client.ask(CREATE_ACCOUNT, input=given)
    echo = f"Incorrect API key provided: {OF_ACCOUNT}, and {IN_ACCOUNTS_HEADER}"
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.list", status=403, message=echo))
    seen.note(account, await client.ask(TRY_ACCOUNT, id=account["id"]))
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="files.create", status=400, message=echo))
    created = await client.create(connection, account=account["id"])
    await until_faults_are_used(deployment)
    seen.note(await _told(client, READ, created["id"]))


async def _told(client: Client, query: str, finetuning_id: str) -> str:
    """Return the whole answer: a cancel of what has failed is an error."""
    body = {"query": query, "variables": {"id": finetuning_id}}
    return (await client.http.post(f"{client.url}/graphql", json=body)).text


async def until_faults_are_used(deployment: Deployment) -> None:
    """Wait until the provider has refused."""
    await until(lambda: not any(fault.times for fault in deployment.sandbox.faults.faults))


def _look_at_processes(server: Command, seen: Seen, *, children: int) -> None:
    """Note every command line, and the environments of the children; a server's own has its settings."""
    own, *others = canaries.processes_of(server.pid)
    assert len(others) >= children
    seen.note((own / "cmdline").read_bytes(), (own / "comm").read_text())
    for directory in others:
        seen.note(*((directory / name).read_bytes().decode() for name in ("cmdline", "environ", "comm")))


async def test_no_canary_is_handed_to_the_embedded_parts(
    deployment: Deployment, entry_point: Commands
) -> None:
    """The command lines and environments of the embedded mongod and the SQL parser have none."""
    secrets = values_of_settings(openai_base_url=deployment.settings["openai_base_url"], auth=None)
    server = entry_point.start("serve", **secrets)
    seen = Seen()
    async with http_client() as http:
        await Client(http, await server.url()).connection()
        _look_at_processes(server, seen, children=2)
    assert await server.stop() == 0
    seen.note(server.stderr, *_kept(entry_point.directory / "data"))
    seen.check()


def _kept(directory: Path) -> Iterator[str]:
    """Yield the files of the data directory, except MongoDB's own tables."""
    for file in directory.rglob("*"):
        if file.is_file() and file.suffix != ".wt":
            yield file.read_bytes().decode(errors="replace")
