"""README's way to one's own data, pasted into a shell as it stands."""

import hashlib
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.processes.command import Command, Commands, ended, installed
from tests.snippets import ROOT, Snippet, snippets

README = snippets(ROOT / "README.md")
COMMANDS, CURL = [one for one in README if one.language == "sh"]
REST, FILE = [one for one in snippets(ROOT / "docs/rest.md") if one.language == "console"]
OPERATIONS, CANCEL = [one for one in README if one.language == "graphql"]
RECORDS = json.loads((ROOT / "examples/shop/records.json").read_text())["variables"]["input"]["goldenRecords"]


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of shells, with the installed program on ``PATH``."""
    async with ended(installed(tmp_path, Path("/bin/sh"))) as shell:
        yield shell


@pytest.fixture
async def server(shell: Commands, entry_point: Commands) -> Command:
    """Start the server of the README's reader; it ends before the shell, which has to be the last."""
    return entry_point.start("serve", "--sandbox")


async def pasted(snippet: Snippet, shell: Commands, url: str) -> list[str]:
    """Paste the snippet in the repository's directory, with this server's port; return the lines printed."""
    port = url.rpartition(":")[2]
    (shell.directory / ".curlrc").write_text('noproxy = "*"\n')
    script = f"set -e\ncd {ROOT}\n{snippet.text.replace(':8000/', f':{port}/')}"
    programs = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    ran = await shell.run("-c", script, path=programs, port=port, curl_home=shell.directory)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


async def ask(url: str, query: str, **more: Any) -> Any:
    """Return the data of an answer without errors."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        answer = (await http.post(f"{url}/graphql", json={"query": query, **more})).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_four_lines_lead_from_nothing_to_a_cancel(server: Command, shell: Commands) -> None:
    """Each takes the id that the one before printed."""
    url = await server.url()
    imported, finetuning_id, cancelled = await pasted(COMMANDS, shell, url)
    assert imported == "added 12, skipped 0 already there"
    assert cancelled == f"{finetuning_id} is cancelled"
    stored = await ask(url, "{ finetunings { nodes { id status dbConnection { alias tableSchemas } } } }")
    [finetuning] = stored["finetunings"]["nodes"]
    assert (finetuning["id"], finetuning["status"]) == (finetuning_id, "CANCELLED")
    assert finetuning["dbConnection"]["alias"] == "shop"
    assert [one[:12] for one in finetuning["dbConnection"]["tableSchemas"]] == ["CREATE TABLE"] * 3


async def test_curl_does_the_same(server: Command, shell: Commands) -> None:
    """Without a program to take JSON apart."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl on PATH")
    url = await server.url()
    added, cancelled = map(
        json.loads, "\n".join(await pasted(CURL, shell, url)).replace("}{", "}\n{").splitlines()
    )
    assert len(added["data"]["addGoldenRecords"]) == 12
    assert cancelled["data"]["cancelFinetuning"]["status"] == "CANCELLED"


async def test_the_rest_cancel_takes_the_same_id(server: Command, shell: Commands) -> None:
    """In the place of the last of the four lines."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl on PATH")
    url = await server.url()
    *made, _ = COMMANDS.typed
    _, finetuning_id, answer = await pasted(Snippet("", "sh", "\n".join([*made, *REST.typed])), shell, url)
    cancelled = json.loads(answer)
    assert (cancelled["id"], cancelled["status"]) == (finetuning_id, "cancelled")


async def test_the_training_file_comes_over_rest(server: Command, shell: Commands) -> None:
    """It is that of the digest in GraphQL."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl on PATH")
    url, file = await server.url(), shell.directory / "training.jsonl"
    *made, _ = COMMANDS.typed
    frozen = "until graphql-api finetunings show $FT --json | grep -q sha256; do sleep 0.2; done"
    [line] = [one.replace("training.jsonl", str(file)) for one in FILE.typed]
    _, finetuning_id = await pasted(Snippet("", "sh", "\n".join([*made, frozen, line])), shell, url)
    asked = "query ($id: ID!) { finetuning(id: $id) { dataset { sizeBytes sha256 } } }"
    dataset = (await ask(url, asked, variables={"id": finetuning_id}))["finetuning"]["dataset"]
    content = file.read_bytes()
    assert dataset == {"sizeBytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


async def test_graphql_does_the_same(server: Command) -> None:
    """The ids go from answer to variable; the longer cancel has the answer that the README shows."""
    url = await server.url()
    db = (await ask(url, OPERATIONS.text, operationName="Connect"))["createDbConnection"]["id"]
    given = {"db": db, "records": RECORDS}
    added = await ask(url, OPERATIONS.text, operationName="Add", variables=given)
    assert [one["warnings"] for one in added["addGoldenRecords"]] == [[]] * 12
    answer: Any = {}
    for document in (OPERATIONS, CANCEL):
        trained = await ask(url, OPERATIONS.text, operationName="Train", variables=given)
        variables = dict.fromkeys(("ft", "id"), trained["createFinetuning"]["id"])
        operation = {"operationName": "Cancel"} if document is OPERATIONS else {}
        answer = await ask(url, document.text, variables=variables, **operation)
        assert answer["cancelFinetuning"]["status"] == "CANCELLED"
    [shown] = [json.loads(one.text)["data"] for one in README if one.language == "json"]
    assert _names(answer) == _names(shown)


def _names(value: Any) -> Any:
    """Return the names of all fields."""
    return {name: _names(item) for name, item in value.items()} if isinstance(value, dict) else None
