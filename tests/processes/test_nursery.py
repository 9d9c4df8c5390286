"""A fork of the nursery is like a new interpreter."""

import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest

from processes.child import ChildProcess
from processes.environment import environment
from processes.execution import interpret
from processes.nursery import Nursery
from processes.starter import Starter
from tests.process_states import is_running
from tests.processes.patience import DEADLINE_S, until

LASTING = "import threading; threading.Event().wait()"
LEAVING = "import atexit; atexit.register(print, 'goodbye')"
SHOWN = "import os, tempfile; print(os.getcwd(), tempfile.gettempdir(), os.getsid(0) == os.getpid())"


@pytest.fixture(params=["fork", "interpret"])
def starter(request: pytest.FixtureRequest, nursery: Nursery) -> Starter:
    """Return each way of starting a process."""
    return nursery.fork if request.param == "fork" else interpret


def _started(starter: Starter, directory: Path, *command: str, **given: str) -> tuple[ChildProcess, Path]:
    stdout = directory / f"{uuid4().hex}.out"
    child = starter(
        command,
        directory=directory,
        environment=environment(given),
        stdout=stdout,
        stderr=stdout.with_suffix(".err"),
    )
    return child, stdout


def _running(starter: Starter, directory: Path, statement: str, **given: str) -> tuple[ChildProcess, Path]:
    return _started(starter, directory, "timeit", "-n1", "-r1", statement, **given)


@pytest.mark.parametrize(("command", "expected"), [("schema", 0), ("serve", 1), ("no-such-command", 2)])
async def test_its_exit_code_is_known(starter: Starter, tmp_path: Path, command: str, expected: int) -> None:
    """The command ends by itself with this code."""
    child, _ = _started(starter, tmp_path, "graphql_api", command)
    assert await child.exit_code(within_s=DEADLINE_S) == expected
    assert child.poll() == expected


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_the_signal_that_ended_it_is_known(
    starter: Starter, tmp_path: Path, number: signal.Signals
) -> None:
    """As a negative exit code."""
    child, _ = _running(starter, tmp_path, LASTING)
    assert child.poll() is None
    child.send(number)
    assert await child.exit_code(within_s=DEADLINE_S) == -number


async def test_it_runs_its_exit_handlers(starter: Starter, tmp_path: Path) -> None:
    """And its output is written."""
    child, stdout = _running(starter, tmp_path, LEAVING)
    assert await child.exit_code(within_s=DEADLINE_S) == 0
    assert stdout.read_text().splitlines()[-1] == "goodbye"


async def test_it_has_its_own_surroundings(starter: Starter, tmp_path: Path) -> None:
    """Its directory, its environment and its session are as the caller asked."""
    child, stdout = _running(starter, tmp_path, SHOWN, TMPDIR=str(tmp_path))
    assert await child.exit_code(within_s=DEADLINE_S) == 0
    assert stdout.read_text().splitlines()[0] == f"{tmp_path} {tmp_path} True"


async def test_a_fork_has_nothing_of_the_nurserys_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the preloaded variables: these are in every environment."""
    monkeypatch.setenv("NURSED", "yes")
    with Nursery({"PRELOADED": "yes"}) as nursery:
        monkeypatch.delenv("NURSED")
        show = "import os; print(*sorted({'NURSED', 'PRELOADED'} & os.environ.keys()))"
        child, stdout = _running(nursery.fork, tmp_path, show)
        assert await child.exit_code(within_s=DEADLINE_S) == 0
    assert stdout.read_text().splitlines()[0] == "PRELOADED"


async def test_a_fork_ends_with_its_nursery(tmp_path: Path) -> None:
    """Its exit code is still written down."""
    with Nursery() as nursery:
        child, _ = _running(nursery.fork, tmp_path, LASTING)
    assert child.poll() == -signal.SIGKILL


async def test_a_fork_ends_with_a_killed_nursery(tmp_path: Path) -> None:
    """By the kernel's word."""
    nursery = Nursery().__enter__()
    child, stdout = _running(nursery.fork, tmp_path, f"print('up', flush=True); {LASTING}")
    await until(lambda: stdout.exists() and "up" in stdout.read_text())  # tied by now
    os.kill(nursery.process.pid, signal.SIGKILL)
    await until(lambda: not is_running(child.pid))
    with pytest.raises(RuntimeError, match="exit code -9"):
        nursery.__exit__()


def _has_figures(directory: Path) -> bool:
    return any(directory.glob(".coverage.*"))


async def test_forks_that_end_at_once_are_all_known(nursery: Nursery, tmp_path: Path) -> None:
    """Signals of ends may come one amid the other."""
    children = [_running(nursery.fork, tmp_path, LASTING)[0] for _ in range(40)]
    for child in children:
        child.send(signal.SIGKILL)
    codes = [await child.exit_code(within_s=DEADLINE_S) for child in children]
    assert codes == [-signal.SIGKILL] * len(children)


@pytest.mark.parametrize("measured", [True, False])
async def test_a_measured_fork_counts_for_the_coverage(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: bool
) -> None:
    """Another one leaves no figures, and takes half the time."""
    (tmp_path / "coverage.ini").write_text("[run]\nparallel = true\nsource = graphql_api\n")
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(tmp_path / "coverage.ini"))
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    child = nursery.fork(
        ["graphql_api", "schema"],
        directory=tmp_path,
        environment=environment({}, measured=measured),
        stdout=tmp_path / "out",
        stderr=tmp_path / "err",
    )
    assert await child.exit_code(within_s=DEADLINE_S) == 0
    assert _has_figures(tmp_path) is measured
