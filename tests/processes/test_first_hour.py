"""The two ways of docs/first-hour.md, typed into a shell as they stand."""

import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.examples.program import missing_programs
from tests.processes.command import Commands
from tests.processes.typed import Line, is_shown, lines, shell_beside, type_in
from tests.snippets import ROOT, Snippet, snippets

PAGE = ROOT / "docs/first-hour.md"
CONSOLES = [one for one in snippets(PAGE) if one.language == "console"]
FIRST_OF_FRONTEND = next(index for index, one in enumerate(CONSOLES) if "make run" in one.text)
ENGINEER, FRONTEND = CONSOLES[:FIRST_OF_FRONTEND], CONSOLES[FIRST_OF_FRONTEND:]


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of shells beside the examples; it ends behind the server, which has its directory."""
    async with shell_beside(tmp_path) as shell:
        yield shell


async def walked(way: list[Snippet], serve: list[str], *, server: Commands, shell: Commands) -> None:
    """Start this server, and type the lines behind the first block, which is for the first terminal."""
    url = await server.start(*serve).url()
    typed = [line for block in way[1:] for line in lines(block)]
    sys.stdout.write(await type_in(typed, shell, url))


async def test_an_ml_engineer_trains_and_cancels_on_own_data(shell: Commands, entry_point: Commands) -> None:
    """The installation above it has its own tests, from clean clones."""
    [serve] = ENGINEER[0].own_commands
    await walked(ENGINEER, serve, server=entry_point, shell=shell)


async def test_a_frontend_developer_generates_a_client_and_follows(
    shell: Commands, entry_point: Commands
) -> None:
    """From the served schema; `make run` starts what the Makefile says."""
    if missing := missing_programs() or (shutil.which("curl") is None and "curl"):
        pytest.skip(f"needs {missing} on PATH")
    assert [one.command for one in lines(FRONTEND[0])] == ["make run"]
    recipe = re.search(r"^run:.*\n.*/graphql-api (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    await walked(FRONTEND, recipe[1].split(), server=entry_point, shell=shell)


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("id 6b0b50445f0cfff9bb92da0f", "id aaaaaaaaaaaaaaaaaaaaaaaa", True),
        ("at 2026-11-28T22:05:56Z", "at 2027-01-01T00:00:00Z", True),
        ("shop 2026-11-28", "shop", False),
        ("added 12", "added 13", False),
        ("a\n…\nc", "a\nb\nb\nc", True),
        ("a\n…\nc", "a\nb", False),
        ("", "a warning", False),
    ],
)
def test_the_output_of_a_page_is_compared(shown: str, printed: str, expected: bool) -> None:
    """Ids and times may differ, and what the page leaves out; nothing else."""
    assert is_shown(shown, printed) is expected


def test_a_console_is_commands_and_their_output() -> None:
    """A command goes on behind a backslash."""
    text = "$ a \\\n  b\n  out\nof it\n$ c\n"
    assert list(lines(Snippet("p", "console", text))) == [Line("a \\\n  b", "  out\nof it"), Line("c", "")]
