"""``make hostile``: every input of the corpus against one server, as a table.

The exit code is 1 if any costs too much. ``python -m hostile WORD …`` takes the inputs with one of the words
in their names or sections.
"""

import asyncio
import platform
import resource
import sys
from collections.abc import Mapping, Sequence

from hostile.corpus import CORPUS
from hostile.input import Input
from hostile.limits import KEPT_MB, Idle, faults
from hostile.report import heading, idle_row, row, section
from hostile.stage import Sizes, Stage, open_stage
from hostile.trial import MB, rest, tried
from processes.usage import resident_bytes

WARM_S = 2.0
FIRST_CANCELS = 3


def chosen(words: Sequence[str]) -> Mapping[str, Sequence[Input]]:
    """Return the sections with the inputs of these words; all without a word."""
    found = {
        name: [one for one in inputs if not words or any(word in f"{name} {one.name}" for word in words)]
        for name, inputs in CORPUS.items()
    }
    return {name: inputs for name, inputs in found.items() if inputs}


async def run(stage: Stage, sections: Mapping[str, Sequence[Input]]) -> list[str]:
    """Print the table and return what was too much."""
    await rest(stage, Idle(), for_s=WARM_S, cancels=FIRST_CANCELS)  # the first work takes longer
    idle, before = Idle(), resident_bytes(stage.server.pid)
    await rest(stage, idle, for_s=WARM_S, cancels=FIRST_CANCELS)
    print(f"Python {platform.python_version()}\n\n{heading()}\n{idle_row(idle.waits)}", flush=True)
    wrong: list[str] = []
    for name, inputs in sections.items():
        print(section(name), flush=True)
        for one in inputs:
            await rest(stage, idle)
            cost = await tried(stage, one)
            found = list(faults(cost, idle=idle.waits))
            wrong += [f"{one.name}: {', '.join(found)}"] if found else []
            print(row(cost, found), flush=True)
    print(idle_row(idle.waits))
    return wrong + left_over(resident_bytes(stage.server.pid) - before)


def left_over(kept: int) -> list[str]:
    """Return whether the whole run has left too much memory behind."""
    return [f"the whole run keeps {kept / MB:.0f} MB"] if kept > KEPT_MB * MB else []


async def main(words: Sequence[str]) -> int:
    """Run the inputs and return the exit code."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    async with open_stage(sizes=Sizes(), settings={}) as stage:
        return verdict(await run(stage, chosen(words)))


def verdict(wrong: Sequence[str]) -> int:
    """Print what was too much and return the exit code."""
    print(f"\n{len(wrong)} too much", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("make hostile needs Linux: it reads the CPU time of other processes from the kernel")
    sys.exit(asyncio.run(main(sys.argv[1:])))
