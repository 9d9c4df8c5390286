"""Builds the console and GraphiQL into the package: for ``make``, and for wheels if there is Node.js."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
NO_NODE = "{name} is not built, that needs Node.js 20.19, 22.12 or newer and npm: {instead}"
NO_PACKAGES = "{name} is not built, npm could not install what it is made of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, its sources in a folder of the project, and its place in the package."""

    name: str
    folder: str
    assets: str
    needs: tuple[str, ...] = ()
    """The sources outside of the folder."""
    unless: str
    """The environment variable to build without it."""
    instead: str

    @property
    def source(self) -> Path:
        """The folder; a source package has the built page alone."""
        return ROOT / self.folder

    @property
    def html(self) -> Path:
        """The built page."""
        return ROOT / self.assets / "index.html"

    def is_built(self) -> bool:
        """Tell whether it is there, and as new as its sources."""
        sources = [*self.source.glob("*.*"), *self.source.glob("public/*"), *self.source.glob("src/**/*.*")]
        made = self.source / "src" / "gql"
        own = [file for file in sources if made not in file.parents]
        needed = [ROOT / name for name in self.needs] if own else []
        written = [file.stat().st_mtime for file in [*own, *needed]]
        return self.html.is_file() and self.html.stat().st_mtime >= max(written, default=0)

    def says(self, text: str) -> str:
        """Return a text about this page."""
        return text.format(name=self.name, instead=self.instead)


CONSOLE = Page(
    name="The console",
    folder="console",
    assets="graphql_api/http/console_assets",
    needs=("schema.graphql",),
    unless="WITHOUT_CONSOLE",
    instead="graphql-api will show browsers a list of links instead",
)
GRAPHIQL = Page(
    name="GraphiQL",
    folder="graphiql",
    assets="graphql_api/http/graphql/graphiql_assets",
    unless="WITHOUT_GRAPHIQL",
    instead="graphql-api will serve a page that loads its scripts from a CDN instead",
)
PAGES = (CONSOLE, GRAPHIQL)


class PageHook(BuildHookInterface[Any]):
    """Builds the pages before a wheel or a source package; ``make`` does it for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build each page that is missing or older than its sources.

        pip shows nothing of a build that ends well, so with Node.js a page that cannot be built ends it.
        """
        for page in PAGES:
            if version == "editable" or os.environ.get(page.unless) or page.is_built():
                continue
            if not (page.source.is_dir() and has_node()):
                self.app.display_warning(page.says(NO_NODE))
            elif not install(page):
                told = f"{NO_PACKAGES}. {page.unless}=1 builds without it: {{instead}}."
                raise SystemExit(page.says(told))
            else:
                build(page)


def has_node() -> bool:
    """Tell whether there is npm, and a Node.js that vite runs on."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    node = ["node", "--version"]
    shown = subprocess.run(node, capture_output=True, text=True, check=False).stdout
    major, minor, *_ = [*map(int, re.findall(r"\d+", shown)), 0, 0]
    return major > 22 or (major == 22 and minor >= 12) or (major == 20 and minor >= 19)


def install(page: Page) -> bool:
    """Install what the page is made of, by the lock; tell whether that went well."""
    # Not npm's own --prefix: with it npm no longer reads the machine's settings, its certificates among them.
    npm = ["npm", "ci", "--loglevel=error", "--fetch-retries=1"]
    return subprocess.run(npm, cwd=page.source, check=False).returncode == 0


def build(page: Page) -> None:
    """Build the page.

    Raises:
        CalledProcessError: its sources are at fault.

    """
    vite = ["npm", "run", "--silent", "build", "--", "--logLevel", "warn"]
    subprocess.run(vite, cwd=page.source, check=True)


def main() -> None:
    """Build the named pages for ``make``, or say why not: everything else works without them."""
    for page in [page for page in PAGES if page.folder in sys.argv[1:]]:
        if not (page.source.is_dir() and has_node()):
            print(page.says(NO_NODE), file=sys.stderr)
            continue
        print(f"Building {page.name}", flush=True)
        if install(page):
            build(page)
        else:
            print(page.says(f"{NO_PACKAGES}: {{instead}}"), file=sys.stderr)


if __name__ == "__main__":
    main()
