"""Writes what the server is made of as CycloneDX: ``python -m tests.installation.sbom FILE``.

The tool has an environment of its own, which ``make sbom`` makes.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from graphql_api import __version__
from tests.installation.locks import ROOT

ENVIRONMENT = ROOT / ".venv-sbom"
LOCK = Path(__file__).with_name("sbom.lock")
STAMP = ENVIRONMENT / "requirements.stamp"
EDITION = "1.6"


def write_sbom(file: Path) -> None:
    """Write the pins of the server's lock, and the project with its version, into the file.

    Raises ``CalledProcessError`` if the tool fails.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory) / "pyproject.toml"
        project.write_text(_with_version((ROOT / "pyproject.toml").read_text()))
        tool = ENVIRONMENT / "bin" / "python"
        subprocess.run(
            [
                *(tool, "-W", "ignore", "-m", "cyclonedx_py", "requirements", ROOT / "requirements.lock"),
                *("--pyproject", project, "--output-file", file, "--output-format", "JSON"),
                *("--spec-version", EDITION, "--output-reproducible", "--validate"),
            ],
            check=True,
        )


def _with_version(project: str) -> str:
    """Return the project with its version written out: the tool runs no build."""
    return re.sub(r'^dynamic = \["version"\]$', f'version = "{__version__}"', project, flags=re.MULTILINE)


if __name__ == "__main__":
    write_sbom(Path(sys.argv[1]))
    print(f"{sys.argv[1]}: CycloneDX {EDITION}")  # noqa: T201 - its output is its product
