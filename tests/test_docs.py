"""The documentation agrees with itself and the tree."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs/decisions"
GUARANTEES = ROOT / "docs/guarantees.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link inside the repository names a file, and may name a heading in it."""
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text())
    assert [link for link in links if not _leads_somewhere(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_of_code_that_a_page_names_exists(page: Path) -> None:
    """It may be named by the end of its path."""
    named, code = re.findall(r"`([\w/]+\.py)`", page.read_text()), _code()
    assert [name for name in named if not any(_ends_in(file, name) for file in code)] == []


def test_what_enforces_a_guarantee_exists() -> None:
    """Every name of the code in the lines on enforcement stands in the code."""
    lines = re.findall(r"^- Enforced: (.+?)\n(?=- )", GUARANTEES.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert len(lines) == 9
    code = "".join(file.read_text() for file in (ROOT / "graphql_api").rglob("*.py"))
    code += (ROOT / "docs/settings.md").read_text()
    names = re.findall(r"`([\w.=]+)`", "".join(lines))
    assert [name for name in names if not name.endswith(".py") and _last(name) not in code] == []


def test_the_index_lists_every_decision() -> None:
    """Number, title and file are the record's own, in order, each with a date."""
    rows = re.findall(
        r"^\| (\d+) \| \[(.+)\]\((.+)\) \| \d{4}-\d\d-\d\d \|$",
        (DECISIONS / "README.md").read_text(),
        flags=re.MULTILINE,
    )
    records = sorted(DECISIONS.glob("0*.md"))
    assert [(int(number), title, file) for number, title, file in rows] == [
        (int(record.name[:4]), _title(record), record.name) for record in records
    ]


def test_every_page_can_be_reached() -> None:
    """Each page of the documentation is linked from the README or from the decisions' index."""
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in (ROOT / "README.md", DECISIONS / "README.md")
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text())
    }
    assert [page.name for page in PAGES if page.parent != ROOT and page not in linked] == []


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> list[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def _title(record: Path) -> str:
    heading = record.read_text().partition("\n")[0]
    number, _, title = heading.removeprefix("# ").partition(". ")
    assert number == record.name[:4].lstrip("0")
    return title


@cache
def _code() -> list[Path]:
    programs = ("benchmarks", "chaos", "exploration", "graphql_api", "tests")
    files = [file for program in programs for file in (ROOT / program).rglob("*.py")]
    return [Path("hatch_build.py"), *(file.relative_to(ROOT) for file in files)]


def _ends_in(file: Path, name: str) -> bool:
    return f"/{file}".endswith(f"/{name}")


def _last(name: str) -> str:
    """Return the name without the class in front of it."""
    return name if "=" in name else name.rpartition(".")[2]
