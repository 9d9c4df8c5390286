"""``python -m exploration [DEPTH]``: explore all scenarios and mutants.

Each scenario is explored to the depth. Each mutant must be found out.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from exploration.mutants import MUTANTS, hunted
from exploration.report import HEAD, MUTANTS_HEAD, mutant_line, scenario_lines, total_line
from exploration.scenarios import SCENARIOS
from exploration.search import explore
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.store.database import connect, initialise

DEPTH = 4
"""How many deviations from the plainest schedule are tried together."""


async def bind_documents() -> None:
    """Let the documents be made; the exploration itself needs no database."""
    with tempfile.TemporaryDirectory() as data_dir:
        async with EmbeddedMongod(Path(data_dir)) as mongod, connect(mongod.uri, timeout_s=10) as client:
            await initialise(client["exploration"])


def explore_all(depth: int) -> bool:
    """Print the findings of each scenario, and return whether every guarantee held."""
    click.echo(f"All schedules with up to {depth} deviations from the plainest\n{HEAD}")
    all_findings = []
    for scenario in SCENARIOS:
        all_findings.append(explore(scenario, deviations=depth))
        click.echo("\n".join(scenario_lines(all_findings[-1])))
    click.echo(total_line(all_findings))
    return not any(findings.broken for findings in all_findings)


def hunt_all() -> bool:
    """Print how each mutant is found out, and return whether all of them are."""
    click.echo(f"\n{MUTANTS_HEAD}")
    all_found = True
    for mutant in MUTANTS:
        findings = hunted(mutant)
        click.echo(mutant_line(mutant, findings))
        all_found = all_found and bool(findings.broken)
    return all_found


def main() -> None:
    """Explore, hunt, and say by the exit code whether all is well."""
    asyncio.run(bind_documents())
    held = explore_all(int(sys.argv[1]) if len(sys.argv) > 1 else DEPTH)
    sys.exit(0 if hunt_all() and held else 1)


if __name__ == "__main__":
    main()
