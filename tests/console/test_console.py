"""The console in a real browser.

A person sees a finetuning, and its cancel.
"""

import pytest
from playwright.async_api import expect

from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.openai import Fault
from graphql_api.sandbox.openai.jobs import JobStatus
from tests.console.console_page import MILESTONES, Console, ended
from tests.processes.client import CREATE, CREATE_CONNECTION, Answer, Client
from tests.processes.deployment import Deployment

pytestmark = pytest.mark.asyncio(loop_scope="module")

RENAME = """mutation($id: ID!, $alias: String) {
  updateFinetuning(finetuningId: $id, input: { alias: $alias }) { id }
}"""


async def test_a_finetuning_is_seen_from_its_start_to_its_cancel(
    console: Console, deployment: Deployment
) -> None:
    """Everything shows by itself: the page is loaded once."""
    await console.page.evaluate("window.isTheSamePage = true")
    await console.start("nightly")
    row = console.page.locator(".row").first
    await console.shows(row, "nightly")
    await console.shows(row, "Training")
    await console.cancel()
    await console.shows(console.verdict, "Cancelled and confirmed")
    await console.shows(row, "Cancelled")
    await expect(console.dialog).to_have_count(0)
    assert (await console.job(deployment)).status is JobStatus.CANCELLED
    await console.shows(console.detail.locator(".timeline"), "Cancelled")
    assert [title for title in await console.titles() if title in MILESTONES] == MILESTONES
    assert await console.page.evaluate("window.isTheSamePage") is True


async def test_what_was_there_before_is_listed(console: Console, server: Client) -> None:
    """And a finetuning created elsewhere meanwhile appears."""
    given = {"dbConnectionId": await server.connection()}
    await server.ask(CREATE, input=given | {"alias": "there before"})
    await console.page.reload()
    await console.shows(console.page.locator(".rows"), "there before")
    await server.ask(CREATE, input=given | {"alias": "made elsewhere"})
    await console.shows(console.page.locator(".row").first, "made elsewhere")
    rows = await console.page.locator(".row").count()
    await console.shows(console.page.locator(".list h2"), f"{rows} in all")


async def test_what_has_the_higher_version_is_newer(console: Console, server: Client) -> None:
    """Of two answers, whichever comes first."""
    changed: list[str] = []

    def from_the_future(*listed: Answer) -> None:
        changed.append(listed[0]["id"])
        (first,) = (one for one in listed if one["id"] == changed[0])
        first |= {"alias": "newer", "version": first["version"] + 1000}

    await ended(server, "there")
    await console.list_as(from_the_future)
    await console.shows(console.page.locator(".row").first, "newer")
    newest, *_ = await server.list()
    await server.ask(RENAME, id=newest["id"], alias="older")
    await ended(server, "told after that")
    await console.shows(console.page.locator(".row").first, "told after that")
    await console.shows(console.page.locator(".row").nth(1), "newer")


async def test_a_time_without_a_fraction_is_older_than_one_with(console: Console, server: Client) -> None:
    """The server leaves out a fraction that is zero."""

    def within_a_second(first: Answer, second: Answer, *_: Answer) -> None:
        first |= {"alias": "at the full second", "createdAt": "2999-01-01T00:00:00+00:00"}
        second |= {"alias": "right after it", "createdAt": "2999-01-01T00:00:00.001000+00:00"}

    await ended(server, "one", "two")
    await console.list_as(within_a_second)
    await console.shows(console.page.locator(".row").first, "right after it")
    await console.shows(console.page.locator(".row").nth(1), "at the full second")


async def test_a_cancel_that_the_provider_does_not_answer_is_not_called_done(
    console: Console, deployment: Deployment
) -> None:
    """It is recorded, the training goes on, and the page says both; the outcome shows by itself."""
    await console.start("unanswered")
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503, times=None))
    await console.cancel()
    await expect(console.dialog).to_have_count(0)
    await console.shows(console.verdict, "Recorded; the provider has not confirmed yet")
    await console.shows(console.verdict, "Last error: ")
    await expect(console.detail.locator("header .badge")).to_have_text(["Training", "Cancel requested"])
    await expect(console.page.get_by_role("button", name="Cancel…")).to_have_count(0)
    assert (await console.job(deployment)).status is JobStatus.RUNNING
    deployment.sandbox.faults.clear()
    await console.shows(console.verdict, "Cancelled and confirmed")
    assert (await console.job(deployment)).status is JobStatus.CANCELLED


async def test_a_cancel_that_came_too_late_is_said_to_have_cancelled_nothing(
    console: Console, deployment: Deployment
) -> None:
    """In the dialog, with the code, and afterwards beside the success."""
    await console.start("overtaken")
    deployment.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel"))
    await console.cancel()
    refusal = console.dialog.get_by_role("alert")
    await console.shows(refusal, "Too late: it had ended by itself, and nothing was cancelled")
    await console.shows(refusal, "FINETUNING_NOT_CANCELLABLE")
    await console.dialog.get_by_role("button", name="Close").click()
    await console.shows(console.verdict, "It had finished first: nothing was cancelled")
    await expect(console.detail.locator("header .badge")).to_have_text(["Succeeded"])


async def test_what_nobody_confirms_is_not_called_confirmed(console: Console, deployment: Deployment) -> None:
    """A provider that no longer knows the job leaves it open whether it still trains."""
    await console.start("unknown there")
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=404, times=None))
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.retrieve", status=404, times=None))
    await console.cancel()
    await console.shows(console.verdict, "Closed, but not confirmed")
    await expect(console.detail.locator("header .badge")).to_have_text(["Cancelled"])


async def test_the_dialog_is_used_by_keyboard(console: Console, deployment: Deployment) -> None:
    """It begins on the harmless button, keeps the focus, and Escape changes nothing."""
    await console.start("by keyboard")
    keyboard, opener = console.page.keyboard, console.page.get_by_role("button", name="Cancel…")
    await opener.focus()
    await keyboard.press("Enter")
    await expect(console.page.get_by_role("dialog", name="Cancel “by keyboard”?")).to_be_visible()
    await expect(console.dialog.get_by_role("button", name="Keep training")).to_be_focused()
    await keyboard.press("Escape")
    await expect(console.dialog).to_have_count(0)
    await expect(opener).to_be_focused()
    assert (await console.job(deployment)).status is JobStatus.RUNNING
    await keyboard.press("Enter")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await console.shows(console.verdict, "Cancelled and confirmed")


async def test_a_refusal_is_told_in_words_and_with_its_code(console: Console, server: Client) -> None:
    """Here there is next to nothing to train on."""
    given = {"alias": "empty", "dialect": "sqlite"}
    await server.ask(CREATE_CONNECTION, input=given)
    await console.visit("new")
    await console.page.reload()
    await (
        console.page.get_by_role("main")
        .locator("form")
        .get_by_label("Database")
        .select_option(label="empty (sqlite)")
    )
    await console.page.get_by_role("button", name="Start training").click()
    refusal = console.page.get_by_role("alert")
    await console.shows(refusal, "There are too few golden records to train on")
    await console.shows(refusal, "INSUFFICIENT_GOLDEN_RECORDS")


async def test_the_losses_are_drawn_as_they_come(reporting: None, console: Console) -> None:
    """The chart says in words what it shows."""
    await console.start("drawn")
    chart = console.page.get_by_role("img", name="Loss up to step")
    await expect(chart.locator("canvas")).to_be_visible()
    await console.shows(console.detail.locator(".legend"), "Training: ")


async def test_a_checkpoints_model_is_copied(reporting: None, console: Console) -> None:
    """By the button beside it, as soon as the provider has kept one."""
    await console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await console.start("kept meanwhile")
    kept = console.detail.locator(".checkpoints li").first
    await console.shows(kept, "ft:")
    await kept.get_by_role("button", name="Copy the model of step").click()
    await console.shows(kept, "Copied")
    copied = await console.page.evaluate("navigator.clipboard.readText()")
    assert copied == await kept.locator("code").inner_text()
