"""Ties a command's life to its parent process.

The command ends with the parent, even after kill -9. Started as a script of its own, this ties itself to its
parent and then *becomes* the command, so the parent knows the command's pid. It is a launcher, not a
`preexec_fn`, because Python code between fork and exec can deadlock in a process with threads.

On Linux the kernel does the watching (`PR_SET_PDEATHSIG`; it survives exec). It signals the end of the
forking *thread*, so start the command from a long-lived thread; the thread of the event loop is one.
Elsewhere a small child of the command looks for the parent twice a second.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>
_WATCH_INTERVAL_SECONDS = 0.5


def tied_to_this_process(command: Sequence[str]) -> list[str]:
    """Return the command line to run `command` during the life of the calling process."""
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), *command]


def _main(parent_pid: int, command: list[str]) -> None:
    if sys.platform == "linux":
        _ask_the_kernel_to_end_us()
    else:
        _leave_a_watcher(parent_pid)
    # The parent may have ended before the tie was made. Then nothing would ever end the command.
    if os.getppid() != parent_pid:
        sys.exit("the process that started this command has ended")
    os.execv(command[0], command)  # noqa: S606 - the caller chose the command, no shell sees it


def _ask_the_kernel_to_end_us() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def _leave_a_watcher(parent_pid: int) -> None:
    command_pid = os.getpid()
    if os.fork() == 0:
        _watch(parent_pid, command_pid)
        os._exit(0)


def _watch(parent_pid: int, command_pid: int) -> None:
    # The command's inherited files (a lock, a pipe) must not stay open in the watcher.
    os.closerange(0, os.sysconf("SC_OPEN_MAX"))
    while os.getppid() == command_pid:
        if not is_alive(parent_pid):
            os.kill(command_pid, signal.SIGTERM)
        time.sleep(_WATCH_INTERVAL_SECONDS)


def is_alive(pid: int) -> bool:
    """Return whether a process with this pid exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
