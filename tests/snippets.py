"""The snippets of the documentation: fenced blocks, and the commands typed in them."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TYPED = re.compile(r"^\$ (.+?)$(?!\n  )", re.DOTALL | re.MULTILINE)
"""What follows a prompt, and the lines that go on with it."""
_OWN = re.compile(r"(?:^|\$\(|; |&& |\w=\S* )(graphql-api\b[^|;>&)#\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block of a page."""

    page: str
    language: str
    text: str

    @property
    def typed(self) -> list[str]:
        """The lines for a shell: all of ``sh``, and what follows a prompt in ``console``."""
        if self.language == "sh":
            return self.text.splitlines()
        return _TYPED.findall(self.text) if self.language == "console" else []

    @property
    def own_commands(self) -> list[list[str]]:
        """The arguments of each ``graphql-api`` in it; a variable of the shell stands for itself."""
        return [shlex.split(one)[1:] for line in self.typed for one in _OWN.findall(line)]


def snippets(page: Path) -> list[Snippet]:
    """Return the page's blocks, in order."""
    name = str(page.relative_to(ROOT))
    return [Snippet(name, language, text) for language, text in _BLOCK.findall(page.read_text())]


def all_snippets() -> list[Snippet]:
    """Return the blocks of all pages."""
    return [one for page in PAGES for one in snippets(page)]
