"""Builds GraphiQL's page into the package: for ``make``, and for every wheel where there is Node.js."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SOURCE = ROOT / "graphiql"
PAGE = ROOT / "graphql_api" / "http" / "graphql" / "graphiql_assets" / "index.html"

NO_NODE = "GraphiQL is not built, that needs Node.js 20.19, 22.12 or newer and npm"
NO_PACKAGES = "GraphiQL is not built, npm could not install what it is made of"
INSTEAD = "graphql-api will serve a page that loads its scripts from a CDN instead"


class PageHook(BuildHookInterface[Any]):
    """Builds the page before a wheel or a source package; ``make`` does it for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if it is missing or older than its sources.

        pip shows nothing of a build that ends well, so with Node.js a page that cannot be built ends it.
        """
        if version == "editable" or os.environ.get("WITHOUT_GRAPHIQL") or is_built():
            return
        if not has_node():
            self.app.display_warning(f"{NO_NODE}: {INSTEAD}")
        elif not install():
            raise SystemExit(f"{NO_PACKAGES}. WITHOUT_GRAPHIQL=1 builds without it: {INSTEAD}.")
        else:
            build()


def is_built() -> bool:
    """Tell whether the page is there, and as new as its sources; a source package has the page alone."""
    sources = [*SOURCE.glob("*.*"), *SOURCE.glob("public/*"), *SOURCE.glob("src/**/*.*")]
    written = [source.stat().st_mtime for source in sources]
    return PAGE.is_file() and PAGE.stat().st_mtime >= max(written, default=0)


def has_node() -> bool:
    """Tell whether there is npm, and a Node.js that vite runs on."""
    if not (SOURCE.is_dir() and shutil.which("node") and shutil.which("npm")):
        return False
    node = ["node", "--version"]
    shown = subprocess.run(node, capture_output=True, text=True, check=False).stdout
    major, minor, *_ = [*map(int, re.findall(r"\d+", shown)), 0, 0]
    return major > 22 or (major == 22 and minor >= 12) or (major == 20 and minor >= 19)


def install() -> bool:
    """Install what the page is made of, by the lock; tell whether that went well."""
    # Not npm's own --prefix: with it npm no longer reads the machine's settings, its certificates among them.
    npm = ["npm", "ci", "--loglevel=error", "--fetch-retries=1"]
    return subprocess.run(npm, cwd=SOURCE, check=False).returncode == 0


def build() -> None:
    """Build the page.

    Raises:
        CalledProcessError: its sources are at fault.

    """
    vite = ["npm", "run", "--silent", "build", "--", "--logLevel", "warn"]
    subprocess.run(vite, cwd=SOURCE, check=True)


def main() -> None:
    """Build the page for ``make``, or say why not: everything else works without it."""
    if not has_node():
        print(f"{NO_NODE}: {INSTEAD}", file=sys.stderr)
        return
    print("Building GraphiQL", flush=True)
    if install():
        build()
    else:
        print(f"{NO_PACKAGES}: {INSTEAD}", file=sys.stderr)


if __name__ == "__main__":
    main()
