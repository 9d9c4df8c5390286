"""What a process uses, read from outside; Linux only."""

import re
import time
from pathlib import Path


def cpu_s(pid: int) -> float:
    """Return the CPU time used by the process so far, all its threads, in seconds.

    It is the clock behind ``/proc/PID/stat``, in nanoseconds rather than ticks of 10 ms.
    """
    # The result of glibc's clock_getcpuclockid(): MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
    return time.clock_gettime((~pid << 3) | 2)


def resident_bytes(pid: int) -> int:
    """Return the memory of the process that is in RAM: VmRSS of ``/proc/PID/status``."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), flags=re.MULTILINE)
    return 1024 * int(found[1]) if found else 0
