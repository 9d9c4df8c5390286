"""The console's golden records: a table, changes, and files."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.console.console_page import Console
from tests.processes.client import ADD_RECORDS, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

RECORDS = """query ($id: ID!) {
  goldenRecords(dbConnectionId: $id, first: 100) { nodes { promptText sql metadata } }
}"""
DROP = """([name, text]) => {
  const transfer = new DataTransfer()
  transfer.items.add(new File([text], name))
  document.querySelector('.drop').dispatchEvent(
    new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
}"""


def rows(console: Console) -> Locator:
    """Return the rows of the table."""
    return console.page.locator("table.records tbody tr")


async def stored(server: Client, connection: str) -> list[dict[str, object]]:
    """Return the golden records of the connection, the oldest first."""
    listed = await server.ask(RECORDS, id=connection)
    return list(reversed(listed["nodes"]))


async def opened(console: Console, server: Client) -> str:
    """Have the records of a connection of its own on the page, and return its id."""
    connection = await server.connection()
    await console.page.goto(f"{console.url}/console/golden-records?database={connection}")
    await expect(rows(console)).to_have_count(10)
    return connection


async def test_a_record_is_added_with_what_may_be_wrong(console: Console, server: Client) -> None:
    """One without a fault is said to be added; a wrong one gets its fault as well."""
    await opened(console, server)
    question, sql = (
        console.page.get_by_label("Question", exact=True),
        console.page.get_by_label("SQL that answers it"),
    )
    add = console.page.get_by_role("button", name="Add golden record")
    await question.fill("How many authors are there?")
    await sql.fill("SELECT count(*) FROM author")
    await add.click()
    await console.shows(console.page.locator(".notice.good"), "Golden record added")
    await console.shows(rows(console).first, "How many authors are there?")
    await console.shows(rows(console).first, "SELECT count(*) FROM author")
    await expect(question).to_have_value("")
    await question.fill("How many authors are there?")
    await sql.fill("SELECT count(*) FROM author")
    await add.click()
    await console.shows(console.page.locator(".notice.calm"), "It is there already")
    await question.fill("Which authors are there?")
    await sql.fill("DELETE FROM author")
    await add.click()
    await console.shows(console.page.locator(".notice.warn"), "Golden record added")
    await console.shows(rows(console).first.locator(".warning"), "The SQL is not one query")


async def test_the_search_stands_in_the_address(console: Console, server: Client) -> None:
    """By text and by warnings; a reload shows the same."""
    connection = await opened(console, server)
    faulty = {"promptText": "Drop it?", "sql": "DROP TABLE author"}
    await server.ask(ADD_RECORDS, input={"dbConnectionId": connection, "goldenRecords": [faulty]})
    await console.page.reload()
    await expect(rows(console)).to_have_count(11)
    await console.page.get_by_label("Question or SQL contains").fill("author 7")
    await expect(rows(console)).to_have_count(1)
    await console.shows(rows(console), "SELECT 7")
    await console.page.reload()
    await expect(rows(console)).to_have_count(1)
    await console.page.get_by_label("Only with warnings").check()
    await console.shows(console.page.locator(".content"), "Nothing matches.")
    await console.page.get_by_label("Question or SQL contains").fill("")
    await expect(rows(console)).to_have_count(1)
    await console.shows(rows(console), "DROP TABLE author")
    assert console.page.url.endswith(f"?database={connection}&warnings=only")


async def test_the_records_have_pages(console: Console, server: Client) -> None:
    """Beyond the first twenty, and back; each has an address."""
    connection = await opened(console, server)
    more = [{"promptText": f"More {number}?", "sql": f"SELECT {number}"} for number in range(15)]
    await server.ask(ADD_RECORDS, input={"dbConnectionId": connection, "goldenRecords": more})
    await console.page.reload()
    await expect(rows(console)).to_have_count(20)
    await console.shows(console.page.get_by_role("heading", name="Golden records"), "25 in all")
    await console.page.get_by_role("button", name="Next").click()
    await expect(rows(console)).to_have_count(5)
    await console.page.reload()
    await expect(rows(console)).to_have_count(5)
    await console.page.get_by_role("button", name="Previous").click()
    await expect(rows(console)).to_have_count(20)


async def test_a_record_is_changed(console: Console, server: Client) -> None:
    """In a dialog; leaving it changes nothing."""
    connection = await opened(console, server)
    before = await stored(server, connection)
    edit = console.page.get_by_role("button", name="Edit “Author 3?”")
    await edit.click()
    await console.dialog.get_by_label("SQL that answers it").fill("SELECT 33")
    await console.page.keyboard.press("Escape")
    await expect(console.dialog).to_have_count(0)
    await expect(edit).to_be_focused()
    assert await stored(server, connection) == before
    await edit.click()
    await console.dialog.get_by_label("SQL that answers it").fill("SELECT 33")
    await console.dialog.get_by_role("button", name="Save").click()
    await expect(console.dialog).to_have_count(0)
    await expect(rows(console).filter(has_text="Author 3?").locator("code")).to_have_text("SELECT 33")
    changed = [one for one in await stored(server, connection) if one not in before]
    assert changed == [{"promptText": "Author 3?", "sql": "SELECT 33", "metadata": None}]


async def test_a_record_is_removed(console: Console, server: Client) -> None:
    """After a second word."""
    connection = await opened(console, server)
    await console.page.get_by_role("button", name="Remove “Author 3?”").click()
    await expect(console.dialog.get_by_role("button", name="Change nothing")).to_be_focused()
    assert len(await stored(server, connection)) == 10
    await console.dialog.get_by_role("button", name="Remove golden record").click()
    await expect(rows(console)).to_have_count(9)
    assert "Author 3?" not in str(await stored(server, connection))


async def test_a_file_is_imported_by_dropping_it(console: Console, server: Client, tmp_path: Path) -> None:
    """It may be given again: what is there already is skipped. A chosen file does the same."""
    connection = await opened(console, server)
    lines = [
        {"prompt_text": "Dropped?", "sql": "SELECT 1", "metadata": {"level": "easy"}},
        {"promptText": "Dropped as well?", "sql": "DELETE FROM author"},
    ]
    text = "\ufeff" + "\r\n".join(json.dumps(line) for line in lines) + "\n\n"
    await console.page.evaluate(DROP, ["records.jsonl", text])
    outcome = console.page.get_by_role("region", name="Import a file").locator(".notice")
    await console.shows(outcome, "2 added, 0 there already, 1 with warnings")
    await expect(rows(console)).to_have_count(12)
    assert (await stored(server, connection))[-2:] == [
        {"promptText": "Dropped?", "sql": "SELECT 1", "metadata": {"level": "easy"}},
        {"promptText": "Dropped as well?", "sql": "DELETE FROM author", "metadata": None},
    ]
    file = tmp_path / "again.jsonl"
    file.write_text(text)
    await console.page.get_by_label("Drop a file of JSON Lines here").set_input_files(file)
    await console.shows(outcome, "0 added, 2 there already, 0 with warnings")


async def test_a_large_file_is_sent_in_parts(console: Console, server: Client) -> None:
    """Each fits into a request."""
    connection = await opened(console, server)
    long = "x" * 2_000
    lines = [json.dumps({"prompt_text": f"{number} {long}", "sql": "SELECT 1"}) for number in range(600)]
    await console.page.evaluate(DROP, ["large.jsonl", "\n".join(lines)])
    outcome = console.page.get_by_role("region", name="Import a file").locator(".notice")
    await console.shows(outcome, "600 added, 0 there already, 0 with warnings")
    await console.shows(console.page.get_by_role("heading", name="Golden records"), "610 in all")
    assert connection in console.page.url


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"prompt_text": "Fine?", "sql": "SELECT 1"', "Line 2 is no JSON object."),
        ("[1]", "Line 2 is no JSON object."),
        ('{"prompt_text": "Fine?", "query": "SELECT 1"}', "Line 2 has the unknown key “query”."),
        ('{"sql": "SELECT 1"}', "Line 2 has no prompt_text."),
        ('{"prompt_text": "Fine?", "sql": " "}', "Line 2 has no sql."),
        (
            '{"prompt_text": "F", "sql": "S", "metadata": {"n": 1}}',
            "Line 2: metadata must be an object of strings.",
        ),
    ],
)
async def test_a_wrong_line_is_named_and_nothing_is_stored(
    console: Console, server: Client, line: str, words: str
) -> None:
    """Not even the right lines before it."""
    connection = await opened(console, server)
    text = json.dumps({"prompt_text": "Right?", "sql": "SELECT 1"}) + "\n" + line
    await console.page.evaluate(DROP, ["wrong.jsonl", text])
    refusal = console.page.get_by_role("region", name="Import a file").get_by_role("alert")
    await expect(refusal).to_have_text(f"Nothing was stored{words}")
    assert len(await stored(server, connection)) == 10


async def test_a_file_in_another_encoding_is_refused(
    console: Console, server: Client, tmp_path: Path
) -> None:
    """A browser would put marks in place of the letters that it cannot read."""
    connection = await opened(console, server)
    file = tmp_path / "latin.jsonl"
    file.write_text('{"prompt_text": "Größe?", "sql": "SELECT 1"}', encoding="latin-1")
    await console.page.get_by_label("Drop a file of JSON Lines here").set_input_files(file)
    refusal = console.page.get_by_role("region", name="Import a file").get_by_role("alert")
    await console.shows(refusal, "This is not UTF-8.")
    assert len(await stored(server, connection)) == 10


async def test_the_database_of_the_address_is_the_chosen_one(console: Console, server: Client) -> None:
    """Also one that is not in the list of databases; and it narrows no list of finetunings."""
    connection = await opened(console, server)
    database = console.page.get_by_label("Database").last
    await expect(database).to_have_value(connection)
    await console.shows(console.page.locator("#list-title"), "The newest")
    gone = "0" * 24
    await console.page.goto(f"{console.url}/console/new?database={gone}")
    await console.shows(database, "library")  # the list of databases is there
    await expect(database).to_have_value(gone)
