"""The refusals of a command to start.

Each is told in one line on stderr, with exit code 1 and without secrets.
"""

import socket
from pathlib import Path

import pytest

from chaos.ports import free_port
from tests.processes.command import API_KEY, PASSWORD, Commands

NO_PROVIDER = {
    "openai_base_url": "http://127.0.0.1:9/v1",
    "openai_timeout_s": 0.3,
    "lease_s": 46,
    "grace_s": 60,
}
UNREACHABLE = "MONGODB_URI: MongoDB cannot be used: "


async def _complaint(commands: Commands, *arguments: str, **settings: object) -> str:
    """Return the one line of the command's refusal to start."""
    command = await commands.run(*arguments, **settings)
    assert command.returncode == 1
    return command.complaint


async def test_neither_key_nor_sandbox(unmeasured: Commands) -> None:
    """Without a key and without --sandbox nothing is served, and no data directory is made."""
    command = await unmeasured.run("serve")
    assert command.returncode == 1
    assert command.stdout == ""
    assert command.stderr == (
        "Error: OPENAI_API_KEY is not set; set it, or start with --sandbox to try things out\n"
    )
    assert not (unmeasured.directory / "data").exists()


@pytest.mark.parametrize("arguments", [["serve"], ["worker"], ["demo"], ["sandbox"], ["check"]])
async def test_bad_settings(unmeasured: Commands, arguments: list[str]) -> None:
    """Each bad setting is named in the one line, without its value."""
    bad = {"port": PASSWORD, "lease_s": "1", "log_level": "loud"}
    complaint = await _complaint(unmeasured, *arguments, **bad)
    assert complaint == (
        "PORT: Input should be a valid integer, unable to parse string as an integer; "
        "LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'; "
        "LEASE_S: must be above two provider calls of OPENAI_TIMEOUT_S, 30 s"
    )


async def test_port_in_use(unmeasured: Commands, mongodb_uri: str) -> None:
    """A taken port is named with its settings."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {"mongodb_uri": mongodb_uri, "openai_api_key": API_KEY, "port": port}
        complaint = await _complaint(unmeasured, "serve", **settings)
    assert complaint.startswith(f"HOST, PORT: cannot listen on 127.0.0.1 port {port}: Address already in use")


async def test_sandbox_port_in_use(unmeasured: Commands, tmp_path: Path) -> None:
    """The sandbox, too, names its taken port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        complaint = await _complaint(unmeasured, "sandbox", "--port", str(port))
    assert complaint.startswith(f"cannot serve the sandbox on 127.0.0.1 port {port}: ")


async def test_sandbox_on_a_public_address(unmeasured: Commands, tmp_path: Path) -> None:
    """The sandbox lets anyone in, so it listens on loopback only."""
    complaint = await _complaint(unmeasured, "sandbox", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert complaint.endswith("listens on loopback only, not on 0.0.0.0")


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_mongodb_out_of_reach(unmeasured: Commands, command: str) -> None:
    """A silent MongoDB is named by its setting; its password is not told."""
    uri = f"mongodb://operator:{PASSWORD}@127.0.0.1:{free_port()}/?directConnection=true"
    settings = {"mongodb_uri": uri, "mongodb_timeout_s": 0.3, "openai_api_key": API_KEY}
    complaint = await _complaint(unmeasured, command, **settings)
    assert complaint.startswith(UNREACHABLE)
    assert "nobody listens at 127.0.0.1:" in complaint


@pytest.mark.parametrize(
    "uri",
    [
        f"postgres://operator:{PASSWORD}@127.0.0.1",
        f"mongodb://operator:{PASSWORD}:@127.0.0.1",
        f"mongodb://operator:{PASSWORD}@127.0.0.1:port",
        f"mongodb://operator:{PASSWORD}@",
        f"mongodb://op%erator:{PASSWORD}@127.0.0.1",
        f"mongodb://127.0.0.1:{PASSWORD}",
        f"mongodb://operator:{PASSWORD}/with-a-slash@127.0.0.1",
        f"mongodb://operator:an-at@{PASSWORD}/and-a-slash@127.0.0.1",
        f"mongodb://127.0.0.1/?tls=true&tlsCAFile=/no/such/file&tlsCertificateKeyFilePassword={PASSWORD}",
        f"mongodb://127.0.0.1/{PASSWORD}/{PASSWORD}",
        f"mongodb://127.0.0.1/?{PASSWORD}",
        f"mongodb://127.0.0.1/?authMechanism={PASSWORD}",
    ],
)
@pytest.mark.parametrize("command", ["serve", "check"])
async def test_malformed_mongodb_uri(unmeasured: Commands, uri: str, command: str) -> None:
    """A malformed URI is named by its setting and never repeated."""
    settings = {"mongodb_uri": uri, "mongodb_timeout_s": 0.3, "openai_api_key": API_KEY}
    process = await unmeasured.run(command, **settings, **NO_PROVIDER)
    assert process.returncode == 1
    told = process.stdout + process.stderr
    assert "MONGODB_URI: " in told
    assert "Traceback" not in told
    assert "with-a-slash" not in told


@pytest.mark.parametrize("name", ["a b", "a.b", "a$b", "x" * 64])
async def test_bad_database_name(unmeasured: Commands, mongodb_uri: str, name: str) -> None:
    """A name refused by MongoDB for a database is told by its own setting."""
    settings = {"mongodb_uri": mongodb_uri, "mongodb_database": name, "openai_api_key": API_KEY}
    complaint = await _complaint(unmeasured, "serve", **settings)
    assert complaint == "MONGODB_DATABASE: String should match pattern '^[A-Za-z0-9_-]{1,63}$'"


@pytest.mark.parametrize("url", ["http://", f"http://operator:{PASSWORD}@127.0.0.1/v1"])
async def test_bad_base_url(unmeasured: Commands, mongodb_uri: str, url: str) -> None:
    """An address out of any request's reach is refused at the start, and not repeated."""
    settings = {"mongodb_uri": mongodb_uri, "openai_api_key": API_KEY, "openai_base_url": url}
    assert await _complaint(unmeasured, "serve", **settings) == (
        "OPENAI_API_KEY or OPENAI_BASE_URL: "
        "The provider's base URL is not a plain http:// or https:// address"
    )


async def test_key_that_no_header_can_carry(unmeasured: Commands, mongodb_uri: str) -> None:
    """A key with characters outside printable ASCII is refused at the start, and not repeated."""
    settings = {"mongodb_uri": mongodb_uri, "openai_api_key": f"{API_KEY}\n{API_KEY}"}
    assert await _complaint(unmeasured, "serve", **settings) == (
        "OPENAI_API_KEY or OPENAI_BASE_URL: "
        "The provider's API key is empty or has characters outside printable ASCII"
    )


async def test_data_directory_that_is_a_file(unmeasured: Commands, tmp_path: Path) -> None:
    """An impossible DATA_DIR is told in one line, with the sandbox as without."""
    (tmp_path / "data").write_text("")
    assert "DATA_DIR" in await _complaint(unmeasured, "serve", "--sandbox")
    complaint = await _complaint(unmeasured, "serve", openai_api_key=API_KEY)
    assert complaint.startswith(f"DATA_DIR: cannot use the data directory {tmp_path / 'data'}: ")


async def test_sandbox_state_of_another_kind(unmeasured: Commands, tmp_path: Path) -> None:
    """A state file of another program is named, and left as it is."""
    (tmp_path / "data").mkdir()
    state = tmp_path / "data" / "sandbox.json"
    state.write_text("[]")
    complaint = await _complaint(unmeasured, "serve", "--sandbox")
    assert complaint.endswith(f"{state} does not hold the state of an OpenAI sandbox")
    assert state.read_text() == "[]"


async def test_mongod_binary_that_is_none(unmeasured: Commands, tmp_path: Path) -> None:
    """A missing MONGOD_BINARY, or another program in its place, is told by its setting."""
    settings = {"openai_api_key": API_KEY, "mongod_binary": tmp_path / "mongod"}
    complaint = await _complaint(unmeasured, "serve", **settings)
    assert complaint.startswith(f"MONGOD_BINARY: {tmp_path / 'mongod'} is not an executable mongod: ")
    settings["mongod_binary"] = Path("/bin/ls")
    complaint = await _complaint(unmeasured, "serve", **settings)
    assert complaint.startswith("DATA_DIR or MONGOD_BINARY: mongod (/bin/ls) ended with exit code 2: ")
