"""The consoles and documents of other pages, typed as they stand beside a server."""

import gzip
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.processes.command import Commands
from tests.processes.patience import eventually, until
from tests.processes.test_readme_first_screens import ask
from tests.processes.typed import REST, Line, at, lines, shell_beside, surroundings, type_in
from tests.snippets import ROOT, Snippet, snippets
from tests.transfer.spider import SHOP, ZOO

BIRD = {"question_id": 1, "db_id": "library", "question": "How many?", "evidence": "", "SQL": "SELECT 1"}
SPIDER = [
    {"db_id": name, "question": f"Question {n}?", "query": f"SELECT {n}", "query_toks": ["SELECT"]}
    for n, name in enumerate(["zoo", "zoo", "shop"])
]
SUCCEEDED = "graphql-api finetunings list --status succeeded | cut -f1"
CREATE = "mutation ($db: ID!) { createFinetuning(input: {dbConnectionId: $db}) { id } }"
CANCEL = "mutation ($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }"
RUNNING = '{ finetunings(filter: {status: [RUNNING], alias: "shop"}) { nodes { id } } }'


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of shells; it ends behind the server, which has its directory."""
    async with shell_beside(tmp_path) as shell:
        yield shell


@pytest.fixture
async def url(shell: Commands, entry_point: Commands) -> str:
    """Start a server with sample data, and return its address."""
    return await entry_point.start("serve", "--sandbox", "--sample-data").url()


def of(page: str, language: str) -> list[Snippet]:
    """Return the page's blocks of this language."""
    return [one for one in snippets(ROOT / page) if one.language == language]


def unseen(block: Snippet) -> list[Line]:
    """Return the commands of a block that shows no output: it may be any."""
    return [Line(one.command, REST) for one in lines(block)]


async def test_the_files_of_golden_records_go_in_and_out(shell: Commands, url: str) -> None:
    """Each prints what the page shows."""
    consoles = of("docs/golden-records.md", "console")
    typed = [line for block in consoles for line in lines(block)]
    own, directory = typed[0].shown, shell.directory
    (directory / "records.jsonl").write_text(f"{own}\n")
    (directory / "dev.json").write_text(json.dumps([{**BIRD, "difficulty": "simple"}]))
    (directory / "pairs.csv.gz").write_bytes(gzip.compress(b"prompt,gold\nWhich?,SELECT 2\n"))
    (directory / "train_spider.json").write_text(json.dumps(SPIDER))
    (directory / "tables.json").write_text(json.dumps([ZOO, SHOP]))
    made = Line("DB=$(graphql-api db-connections create --alias own --dialect sqlite)", REST)
    trained = Line(f'until FT=$({SUCCEEDED}); [ "$FT" ]; do sleep 0.2; done', "")
    await type_in([made, trained, *typed], shell, url)
    assert json.loads((directory / "copy.jsonl").read_text()) == json.loads(own)
    chats = [json.loads(one)["messages"] for one in (directory / "training.jsonl").read_text().splitlines()]
    assert {len(one) for one in chats} == {3}


async def test_keys_and_the_audit_beside_a_server(shell: Commands, url: str) -> None:
    """One key is revoked, and the audit has who made both."""
    keys, audit = of("docs/security.md", "console")
    await type_in([*unseen(keys), *unseen(audit)], shell, url)
    told = [json.loads(one) for one in (shell.directory / "audit.jsonl").read_text().splitlines()]
    assert [one["action"] for one in told] == ["keys create", "keys create", "keys revoke"]


async def test_the_commands_lead_to_a_watch(shell: Commands, url: str) -> None:
    """It ends with the finetuning, which the test cancels to spare the training."""
    [block] = of("docs/cli.md", "sh")
    ran = shell.start("-c", f"set -e\n{block.text}", **surroundings(shell, url))

    async def training() -> str | None:
        return next((one["id"] for one in (await ask(url, RUNNING))["finetunings"]["nodes"]), None)

    finetuning = await eventually(training)
    await ask(url, CANCEL, variables={"id": finetuning})
    assert await ran.exit_code() == 11
    assert ran.stdout.startswith("added 12, skipped 0 already there\n")
    assert ran.stdout.splitlines()[-1].startswith(f"{finetuning}  CANCELLED")


async def test_curl_hears_of_a_cancel(shell: Commands, url: str) -> None:
    """Each event has the fields that the page shows, and the last status there comes."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl on PATH")
    [line] = [one for block in of("docs/subscriptions.md", "console") for one in lines(block)]
    listening = shell.start("-c", at(url, line.command), **surroundings(shell, url))
    await until(lambda: listening.stdout != "")
    [db] = (await ask(url, "{ dbConnections { nodes { id } } }"))["dbConnections"]["nodes"]
    made = (await ask(url, CREATE, variables={"db": db["id"]}))["createFinetuning"]
    await ask(url, CANCEL, variables=made)
    shown, last = events(f"{line.shown}\n"), {"id": made["id"], "status": "CANCELLED"}
    await until(lambda: last in events(listening.stdout))
    assert {tuple(one) for one in events(listening.stdout)} == {tuple(one) for one in shown}
    assert shown[-1]["status"] == last["status"]


def events(printed: str) -> list[dict[str, Any]]:
    """Return the finetunings of the whole lines of an event stream."""
    told = [one for one in printed.splitlines(keepends=True) if one.startswith("data: {")]
    return [json.loads(one[6:])["data"]["finetuningUpdated"] for one in told if one.endswith("\n")]


async def test_the_documents_are_answered(url: str) -> None:
    """The look-up by id, the audit of one finetuning, and its first event."""
    [node] = of("docs/clients.md", "graphql")
    [audit] = of("docs/security.md", "graphql")
    [follow] = of("docs/subscriptions.md", "graphql")
    given = {"id": (await ask(url, "{ finetunings { nodes { id } } }"))["finetunings"]["nodes"][0]["id"]}
    assert set((await ask(url, node.text, variables=given))["node"]) == {"alias", "status"}
    assert await ask(url, audit.text, variables=given) == {"auditLog": {"nodes": []}}
    body = {"query": follow.text, "variables": given}
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=60) as http,
        http.stream("POST", f"{url}/graphql", json=body, headers={"Accept": "text/event-stream"}) as answer,
    ):
        told = [line async for line in first_data(answer)]
    assert set(json.loads(told[0])["data"]["finetuningEvents"]) == {"cursor", "event"}


async def first_data(answer: httpx2.Response) -> AsyncIterator[str]:
    """Yield the first event of a stream."""
    async for line in answer.aiter_lines():
        if line.startswith("data: {"):
            yield line[6:]
            return
