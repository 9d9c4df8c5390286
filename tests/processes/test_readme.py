"""The README's lines from loopback to a server with keys, typed into a shell."""

import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chaos.ports import free_port
from tests.processes.command import Commands, ended, installed

README = Path(__file__).parents[2] / "README.md"
LINES = re.compile(r"From there to a server with keys:\n\n```console\n(.+?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ (.+?)$(?!\n  )", re.DOTALL | re.MULTILINE)
"""What follows a prompt, and the lines that go on with it."""
KEY_HEADER = re.compile(r'-H "Authorization: [^"]+" ')
QUIET = 'silent\nnoproxy = "*"\nwrite-out = "\\n%{http_code}\\n"\n'
"""What a person sees by looking: the status."""


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of shells in a new directory, with the installed program on ``PATH``."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl on PATH")
    async with ended(installed(tmp_path, Path("/bin/sh"))) as shell:
        yield shell


async def test_five_lines_make_a_server_with_keys(shell: Commands) -> None:
    """The request with the new key is answered, the same one without it is refused."""
    port, typed = free_port(), _typed()
    (shell.directory / ".curlrc").write_text(QUIET)
    ran = await shell.run("-c", _script(typed, port=port), **_surroundings(shell, port))
    assert ran.returncode == 0, ran.stderr
    answered, status, refused, refusal = ran.stdout.splitlines()
    assert (status, refusal) == ("200", "401")
    viewer = {"tenant": "default", "subject": "dashboard", "scopes": ["finetunings:read"]}
    assert json.loads(answered) == {"data": {"viewer": viewer}}
    assert json.loads(refused)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "callers need a credential (keys)" in ran.stderr


def _typed() -> list[str]:
    found = LINES.search(README.read_text())
    assert found is not None
    assert len(found[1].splitlines()) == 5
    return COMMAND.findall(found[1])


def _script(typed: list[str], *, port: int) -> str:
    """Return the lines with this port and on loopback alone, and the last one again without its key."""
    exported, made, served, asked = [
        line.replace("HOST=0.0.0.0", "HOST=127.0.0.1").replace(":8000/", f":{port}/") for line in typed
    ]
    assert KEY_HEADER.search(asked)
    return f"""set -e
{exported}
{made}
{served}
trap 'kill $! && wait $!' EXIT
until curl -qs --noproxy '*' -o /dev/null http://127.0.0.1:{port}/livez; do kill -0 $!; sleep 0.1; done
{asked}
{KEY_HEADER.sub("", asked)}
"""


def _surroundings(shell: Commands, port: int) -> dict[str, object]:
    programs = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"path": programs, "curl_home": shell.directory, "port": port}
