"""The page in a real browser without internet.

A person has just run ``make run``.
"""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Route

from tests.graphiql.workbench import Workbench, open_workbench
from tests.processes.client import Client, http_client
from tests.processes.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ID = re.compile(r"[0-9a-f]{24}")
TABS = [
    "ConnectDatabase",
    "AddGoldenRecords",
    "CreateFinetuning",
    "WatchFinetuning",
    "CancelFinetuning",
    "ListFinetunings",
]


async def answer_of(workbench: Workbench) -> Any:
    """Run the operation and return the one field of its data."""
    await workbench.run()
    (field,) = json.loads(await workbench.until(lambda text: '"data"' in text))["data"].values()
    return field


async def test_it_opens_with_the_examples_in_tabs(workbench: Workbench) -> None:
    """The one to create with is open and, variables included, ready to run."""
    assert await workbench.tabs() == TABS
    assert (await workbench.text("operation.graphql")).startswith("# 1. ")
    created = await answer_of(workbench)
    assert (created["status"], ID.fullmatch(created["id"]) is not None) == ("QUEUED", True)


async def test_create_watch_cancel_and_list_need_no_typing(workbench: Workbench) -> None:
    """Each example takes over the id that the first one has made."""
    created = await answer_of(workbench)

    await workbench.open_tab("WatchFinetuning")
    await workbench.until(lambda text: created["id"] in text, editor="variables.json")
    await workbench.run()
    told = await workbench.until(lambda text: '"RUNNING"' in text)
    assert json.loads(told)["data"]["finetuningUpdated"]["id"] == created["id"]

    await workbench.open_tab("CancelFinetuning")
    variables = await workbench.until(lambda text: created["id"] in text, editor="variables.json")
    assert json.loads(variables)["metadata"] == {"reason": "trying things out"}
    cancelled = await answer_of(workbench)
    assert (cancelled["id"], cancelled["status"]) == (created["id"], "CANCELLED")

    await workbench.open_tab("ListFinetunings")
    (newest, *_) = (await answer_of(workbench))["nodes"]
    assert (newest["id"], newest["status"]) == (created["id"], "CANCELLED")


async def test_a_database_of_ones_own_is_connected_and_trained_on(workbench: Workbench) -> None:
    """Each example takes over the id of the new connection, beside those that were there."""
    await workbench.open_tab("ConnectDatabase")
    connection = await answer_of(workbench)
    await workbench.open_tab("AddGoldenRecords")
    await workbench.until(lambda text: connection["id"] in text, editor="variables.json")
    records = await answer_of(workbench)
    assert [record["warnings"] for record in records] == [[]] * 10
    await workbench.open_tab("CreateFinetuning")
    await workbench.until(lambda text: connection["id"] in text, editor="variables.json")
    created = await answer_of(workbench)
    assert (created["alias"], created["status"]) == ("first try", "QUEUED")


async def test_without_an_id_all_finetunings_are_watched(workbench: Workbench) -> None:
    """Until the button is pressed again."""
    await workbench.open_tab("WatchFinetuning")
    assert await workbench.text("variables.json") == "{}"
    async with workbench.page.expect_websocket() as opening, http_client() as http:
        await workbench.run()
        somebody_else = Client(http, workbench.url)
        created = await somebody_else.create(await somebody_else.connection())
        await workbench.until(lambda text: created["id"] in text)
    socket = await opening.value
    await workbench.run()
    await until(socket.is_closed)


async def test_a_cancel_is_filled_in_only_for_what_was_created_here(workbench: Workbench) -> None:
    """Somebody else's training must not stand in a form that one click sends."""
    async with http_client() as http:
        somebody_else = Client(http, workbench.url)
        created = await somebody_else.create(await somebody_else.connection())
    await workbench.open_tab("ListFinetunings")
    (newest, *_) = (await answer_of(workbench))["nodes"]
    assert newest["id"] == created["id"]
    await workbench.open_tab("CancelFinetuning")
    variables = await workbench.until(lambda text: '"finetuningId"' in text, editor="variables.json")
    assert json.loads(variables)["finetuningId"] == ""


async def test_an_operation_is_held_to_the_schema(workbench: Workbench) -> None:
    """The example has no other mistake than the one that is put into it."""
    operation = await workbench.text("operation.graphql")
    await workbench.write("operation.graphql", operation.replace("alias", "nope"))
    await workbench.until_objected('Cannot query field "nope" on type "Finetuning".')


async def test_variables_are_held_to_the_schema(workbench: Workbench) -> None:
    """That a StringMap is a map of strings, the schema says in words alone, but the editor knows."""
    await workbench.open_tab("CancelFinetuning")
    variables = await workbench.text("variables.json")
    await workbench.write("variables.json", variables.replace('"trying things out"', "5"))
    await workbench.until_objected('Incorrect type. Expected "string".')


async def test_the_documentation_is_the_schemas(workbench: Workbench) -> None:
    """The schema's words about a field can be read beside the editor."""
    page = workbench.page
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    documentation = page.locator(".graphiql-doc-explorer")
    await documentation.get_by_text("Mutation", exact=True).click()
    await documentation.get_by_text("Everything to change.").wait_for()
    await documentation.get_by_text("cancelFinetuning", exact=True).click()
    await documentation.get_by_text("The request is durable when this answers").wait_for()


async def test_fields_can_be_chosen_by_clicking(workbench: Workbench) -> None:
    """The explorer writes the operation."""
    await workbench.open_tab("ListFinetunings")
    await workbench.page.get_by_role("button", name="Show GraphiQL Explorer").click()
    field = workbench.page.locator(".graphiql-explorer-root").get_by_text("estimatedFinishAt", exact=True)
    assert "estimatedFinishAt" not in await workbench.text("operation.graphql")
    await field.click()
    await workbench.until(lambda text: "estimatedFinishAt" in text, editor="operation.graphql")
    await field.click()
    await workbench.until(lambda text: "estimatedFinishAt" not in text, editor="operation.graphql")


async def test_fields_are_suggested_while_typing(workbench: Workbench) -> None:
    """Those of the type at hand."""
    page = workbench.page
    await page.locator(".graphiql-query-editor .view-line", has_text="alias").click()
    await page.keyboard.press("End")
    await page.keyboard.type("\ntrainedT", delay=20)
    await page.locator(".suggest-widget").get_by_label("trainedTokens").wait_for()
    await page.keyboard.press("Enter")
    await workbench.until(lambda text: "trainedTokens" in text, editor="operation.graphql")


async def test_headers_are_sent_and_not_kept(workbench: Workbench) -> None:
    """A token goes with every operation, and into no tab and no history that outlives the page."""
    page = workbench.page
    await page.get_by_role("button", name="Headers").click()
    await page.evaluate("() => localStorage.clear()")
    await workbench.write("headers.json", '{"Authorization": "Bearer s3cret"}')
    await workbench.until_kept("CreateFinetuning")
    async with page.expect_request("**/graphql") as asked:
        await answer_of(workbench)
    assert (await (await asked.value).all_headers())["authorization"] == "Bearer s3cret"
    await workbench.until_kept("CreateFinetuning", key="graphiql:queries")
    assert "s3cret" not in await page.evaluate("() => JSON.stringify(localStorage)")


async def test_a_token_that_is_typed_later_is_soon_enough(browser: Browser, url: str) -> None:
    """Without one nothing can be read; with it, and the schema asked for again, the ids are filled in."""

    async def guard(route: Route) -> None:
        asked = route.request
        if asked.method == "GET" or "authorization" in await asked.all_headers():
            await route.fallback()
        else:
            await route.fulfill(status=401, json={"errors": [{"message": "Who are you?"}]})

    async with open_workbench(browser, url) as workbench:
        page = workbench.page
        await page.context.route(f"{url}/graphql", guard)
        await page.goto(f"{url}/graphql")
        variables = await workbench.until(lambda text: text != "", editor="variables.json")
        assert json.loads(variables)["input"]["dbConnectionId"] == ""
        await page.get_by_role("button", name="Headers").click()
        await workbench.write("headers.json", '{"Authorization": "Bearer s3cret"}')
        await page.get_by_role("button", name="Re-fetch GraphQL schema").click()
        await workbench.until_filled_in()


async def test_another_graphiql_at_the_same_address_hides_nothing(workbench: Workbench) -> None:
    """Many a project was once served at 127.0.0.1:8000."""
    await workbench.page.evaluate(
        """() => {
          localStorage.clear()
          const tab = { id: '1', title: 'Old', query: '{ old }', variables: null, headers: null,
                        operationName: null, response: null }
          localStorage['graphiql:tabState'] = JSON.stringify({ activeTabIndex: 0, tabs: [tab] })
        }"""
    )
    await workbench.open()
    assert await workbench.tabs() == TABS


async def test_the_first_visits_tabs_are_there_on_the_second(workbench: Workbench) -> None:
    """No more and no fewer, even if nothing was done on the first but look."""
    await workbench.until_kept(json.loads(await workbench.text("variables.json"))["input"]["dbConnectionId"])
    await workbench.open()
    assert await workbench.tabs() == TABS


async def test_the_tab_that_was_open_is_open_again(workbench: Workbench) -> None:
    """With its operation in the editor."""
    await workbench.open_tab("ListFinetunings")
    await workbench.until_kept('"activeTabIndex":5')
    await workbench.page.reload()
    operation = await workbench.until(lambda text: text != "", editor="operation.graphql")
    assert "query ListFinetunings(" in operation
    assert await workbench.tabs() == TABS


async def test_what_was_edited_stays(workbench: Workbench) -> None:
    """Also when the page is opened again."""
    variables = (await workbench.text("variables.json")).replace("first", "second")
    await workbench.write("variables.json", variables)
    await workbench.until_kept("second try")
    await workbench.open()
    await workbench.open_tab("CancelFinetuning")
    await workbench.open_tab("CreateFinetuning")
    assert await workbench.text("variables.json") == variables


async def test_ids_of_yesterdays_data_are_replaced(workbench: Workbench) -> None:
    """If they were not edited: the server may have another database by now."""
    variables = await workbench.text("variables.json")
    await workbench.until_kept(json.loads(variables)["input"]["dbConnectionId"])
    await workbench.page.evaluate(
        """() => { for (const key of Object.keys(localStorage))
             localStorage[key] = localStorage[key].replace(/[0-9a-f]{24}/g, 'f'.repeat(24)) }"""
    )
    await workbench.page.goto(f"{workbench.url}/graphql")
    await workbench.until(lambda text: text == variables, editor="variables.json")
