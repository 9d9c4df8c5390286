"""Types a page's lines into a shell, and compares what they print with what the page shows."""

import re
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.node import OUT_OF_REACH
from tests.processes.command import Commands, ended, installed
from tests.snippets import ROOT, Snippet

MARK = "typed-line"
TELLING = f"""exec 2>&1
told() {{
  code=$?
  printf '\\n{MARK} %s %s\\n' $code $(date +%s)
  [ $code = 0 ] || exit 0
}}"""
"""Tells a line's exit code and the time, and stops at a failure."""
_CHANGING = [
    (r"\b[0-9a-f]{24}\b", "ID"),
    (r"\b(file|ftjob)-sandbox[0-9a-f]{16}\b", r"\1-ID"),
    (r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\dZ| UTC))?", "TIME"),
]
"""What differs from run to run."""
REST = "…"
"""Stands on a page for anything; on a line of its own for any lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """A command, and what the page shows behind it."""

    command: str
    shown: str


def lines(snippet: Snippet) -> Iterator[Line]:
    """Yield a console's commands with what is shown behind each."""
    for part in re.split(r"^\$ ", snippet.text, flags=re.MULTILINE)[1:]:
        typed = re.match(r"(?:.*\\\n)*.*\n", part)
        assert typed is not None
        yield Line(typed[0].rstrip("\n"), part[typed.end() :].rstrip("\n"))


def is_shown(shown: str, printed: str) -> bool:
    """Whether this is what the page shows, but for ids and times."""
    parts = [re.escape(part) for part in _settled(shown).split(REST)]
    return re.fullmatch(".*".join(parts), _settled(printed), re.DOTALL) is not None


def _settled(text: str) -> str:
    for changing, name in _CHANGING:
        text = re.sub(changing, name, text)
    return text


@asynccontextmanager
async def shell_beside(directory: Path) -> AsyncIterator[Commands]:
    """Yield a starter of shells, for a directory with the repository's examples as a clone has them."""
    for name in ("examples/shop", "examples/typescript"):
        unmade = shutil.ignore_patterns("node_modules", "dist", "gql", ".*.lock", "*.stamp")
        shutil.copytree(ROOT / name, directory / name, ignore=unmade)
    shutil.copy(ROOT / "examples/scalars.json", directory / "examples")
    (directory / ".curlrc").write_text('noproxy = "*"\n')
    (directory / ".venv/bin").mkdir(parents=True)
    (directory / ".venv/bin/activate").touch()  # the program is on PATH already
    async with ended(installed(directory, Path("/bin/sh"))) as shell:
        yield shell


def surroundings(shell: Commands, url: str) -> dict[str, object]:
    """Return the settings of a shell with this server's port, and with our program on ``PATH``."""
    programs = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    port, home = url.rpartition(":")[2], shell.directory
    return {"path": programs, "port": port, "curl_home": home, "graphql_url": f"{url}/graphql"}


def at(url: str, command: str) -> str:
    """Return the command with this server's port."""
    return command.replace(":8000/", f":{url.rpartition(':')[2]}/")


async def type_in(typed: Sequence[Line], shell: Commands, url: str) -> str:
    """Type the lines, with this server's port; each must succeed and print what is shown.

    Return each with its seconds.
    """
    script = [TELLING, "told", *(f"{at(url, one.command)}\ntold" for one in typed)]
    ran = await shell.run("-c", "\n".join(script), **surroundings(shell, url))
    first, *parts = re.findall(rf"(.*?)\n{MARK} (\d+) (\d+)\n", ran.stdout, re.DOTALL)
    report, before_s = [], int(first[2])
    for one, (printed, code, at_s) in zip(typed, parts, strict=False):  # there are fewer after a failure
        if code != "0" and any(word in printed for word in OUT_OF_REACH):
            pytest.skip(f"{one.command} cannot reach its registry")
        assert code == "0", f"{one.command}: exit code {code}\n{printed}"
        assert is_shown(one.shown, printed.strip("\n")), f"{one.command} printed\n{printed}\nnot\n{one.shown}"
        report.append(f"{int(at_s) - before_s:4} s  $ {one.command}")
        before_s = int(at_s)
    return "\n".join(report)
