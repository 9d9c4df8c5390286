"""What a person pastes from the documentation is not stale."""

import re
from pathlib import Path

import click
import pytest
from graphql import build_schema, parse, validate

from graphql_api.cli import main
from tests.snippets import ROOT, Snippet, all_snippets

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
AN_ID = re.compile(r"\b[0-9a-f]{24}\b")


def test_no_snippet_has_an_id_of_another_machine() -> None:
    """Nobody else has it: a command takes the id that another one printed, a document takes a variable."""
    pasted = [(one.page, line) for one in all_snippets() for line in one.typed]
    pasted += [(one.page, one.text) for one in all_snippets() if one.language == "graphql"]
    assert len(pasted) > 30
    assert [(page, line) for page, line in pasted if AN_ID.search(line)] == []


@pytest.mark.parametrize(
    "document", [one for one in all_snippets() if one.language == "graphql"], ids=lambda one: one.page
)
def test_every_document_is_valid(document: Snippet) -> None:
    """Against the schema as it is."""
    assert [one.message for one in validate(SCHEMA, parse(document.text))] == []


@pytest.mark.parametrize(
    ("page", "arguments"),
    [(one.page, command) for one in all_snippets() for command in one.own_commands],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_every_command_is_one_of_ours(
    page: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its options and arguments; its files are made for it."""
    monkeypatch.chdir(tmp_path)
    for file in [tmp_path / one for one in arguments if re.fullmatch(r"[a-z][\w/]*(\.\w+)+", one)]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    command: click.Command = main
    rest = list(arguments)
    while rest and isinstance(command, click.Group):
        found = command.commands.get(rest.pop(0))
        assert found is not None, f"{page}: {arguments}"
        command = found
    if not isinstance(command, click.Group):
        command.make_context("graphql-api", rest)


def test_the_commands_of_a_snippet_are_found() -> None:
    """In a variable, behind a setting, after another command; up to a pipe or a comment."""
    text = (
        "A=$(graphql-api keys list | awk x)\nK=1 graphql-api serve --port 1 # on\ncd x && graphql-api check\n"
    )
    assert Snippet("p", "sh", text).own_commands == [["keys", "list"], ["serve", "--port", "1"], ["check"]]
    assert Snippet("p", "console", "$ a \\\n  b\nout\n$ c\n").typed == ["a \\\n  b", "c"]
    assert Snippet("p", "text", "$ a\n").typed == []


RUN = {
    (
        "README.md",
        "python3 -m venv .venv",
    ): "an installation; `make install-matrix`, and test_commands.py the demo",
    ("README.md", "make demo"): "an installation; tests/processes/test_commands.py has the demo itself",
    ("README.md", "DB=$(graphql-api db-connections"): "tests/processes/test_readme_first_screens.py",
    ("README.md", "ask() { curl"): "tests/processes/test_readme_first_screens.py",
    ("README.md", "mutation Connect"): "tests/processes/test_readme_first_screens.py",
    ("README.md", "mutation ($id: ID!) {"): "tests/processes/test_readme_first_screens.py",
    ("README.md", "pip install '.[embedded]'"): "needs a paid provider, and ports of everybody's",
    ("README.md", "graphql-api worker"): "each runs until stopped or has tests of its own in tests/processes",
    ("README.md", "export AUTH=keys"): "tests/processes/test_readme.py",
    (
        "docs/provider-accounts.md",
        "mutation Connect($apiKey",
    ): "tests/schema/provider_account/test_page.py",
    ("docs/provider-accounts.md", "python -c"): "the key's form is tests/accounts/test_vault.py's",
    ("docs/chaos.md", "make chaos"): "takes minutes; a part of `make check`",
    ("docs/cli.md", "DB=$("): "tests/processes/test_typed_pages.py",
    ("docs/clients.md", "make -C examples/python tour"): "tests/examples",
    ("docs/clients.md", "query ($id: ID!) {"): "tests/processes/test_typed_pages.py",
    ("docs/first-hour.md", "python3 -m venv"): "an installation; `make install-matrix`",
    ("docs/first-hour.md", ""): "tests/processes/test_first_hour.py",
    ("docs/golden-records.md", ""): "tests/processes/test_typed_pages.py",
    ("docs/operations.md", "pip install"): "an installation; `make install-matrix`",
    ("docs/rest.md", "curl"): "tests/processes/test_readme_first_screens.py",
    ("docs/security.md", "graphql-api"): "tests/processes/test_typed_pages.py",
    ("docs/security.md", "query ($id: ID!) {"): "tests/processes/test_typed_pages.py",
    ("docs/subscriptions.md", "subscription ($id"): "tests/processes/test_typed_pages.py",
    ("docs/subscriptions.md", "import { createClient }"): "tests/http/test_clients.py",
    ("docs/subscriptions.md", "curl"): "tests/processes/test_typed_pages.py",
}
"""The test that runs a snippet with this beginning, or the reason why none does."""


@pytest.mark.parametrize(
    "snippet",
    [one for one in all_snippets() if one.language in {"console", "graphql", "sh", "ts"}],
    ids=lambda one: f"{one.page}: {one.text.splitlines()[0]}",
)
def test_every_snippet_is_run_or_has_a_reason(snippet: Snippet) -> None:
    """The test that runs it is there and reads the page; a new snippet needs one of the two."""
    begins = snippet.text.removeprefix("$ ")
    told = [how for (page, start), how in RUN.items() if page == snippet.page and begins.startswith(start)]
    assert told, f"{snippet.page}: {begins}"
    if told[0].endswith(".py"):
        assert Path(snippet.page).name.lower() in (ROOT / told[0]).read_text().lower()


def test_every_entry_is_of_a_snippet() -> None:
    """None is left of a snippet that is gone."""
    begins = [(one.page, one.text.removeprefix("$ ")) for one in all_snippets()]
    stale = [
        (page, start) for page, start in RUN if not any(p == page and t.startswith(start) for p, t in begins)
    ]
    assert stale == []
