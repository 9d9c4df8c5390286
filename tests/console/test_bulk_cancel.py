"""The console cancels many finetunings at once."""

import pytest
from playwright.async_api import Route, expect

from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.openai import Fault
from tests.console.console_page import Console, ended, made
from tests.processes.client import Answer, Client
from tests.processes.deployment import Deployment

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def running(console: Console, server: Client, *aliases: str) -> list[str]:
    """Have finetunings in training, and their ids; the page is loaded anew."""
    ids = await made(server, *aliases)
    for finetuning_id in ids:
        await server.becomes(finetuning_id, "RUNNING")
    await console.page.reload()
    return ids


async def asked_for(console: Console, button: str) -> None:
    """Press the button and wait for the dry run's answer."""
    await console.page.get_by_role("button", name=button).click()
    await expect(console.dialog.get_by_role("heading")).not_to_have_text("Asking which would be cancelled…")


async def tick(console: Console, *aliases: str) -> None:
    """Tick these in the list."""
    for alias in aliases:
        await console.page.get_by_role("checkbox", name=f"Choose {alias}", exact=True).check()


def outcome(console: Console, alias: str) -> str:
    """Return the selector of one line of the answer."""
    return f".outcomes li:has-text('{alias}')"


async def cancelled(server: Client) -> set[str]:
    """Return the names of those that somebody asked to cancel."""
    return {one["alias"] for one in await server.list() if one["cancellation"]}


async def test_what_would_be_cancelled_is_shown_first(
    console: Console, server: Client, deployment: Deployment
) -> None:
    """Then each outcome shows, and goes on to show what the provider says."""
    await ended(server, "over before")
    await running(console, server, "one live", "two live")
    before = await cancelled(server)
    await tick(console, "over before", "one live", "two live")
    await asked_for(console, "Cancel the 3 ticked…")
    await expect(console.dialog.get_by_role("heading")).to_have_text("Cancel 2 finetunings?")
    await expect(console.dialog.get_by_role("button", name="Cancel none")).to_be_focused()
    for alias, words in (
        ("one live", "would be cancelled"),
        ("two live", "would be cancelled"),
        ("over before", "is cancelled"),
    ):
        await console.shows(console.dialog.locator(outcome(console, alias)), words)
    assert await cancelled(server) == before
    await console.dialog.get_by_label("Reason").fill("budget spent")
    await console.dialog.get_by_role("button", name="Cancel 2 finetunings").click()
    for alias in ("one live", "two live"):
        await console.shows(
            console.dialog.locator(outcome(console, alias)), "CancelledCancelled and confirmed"
        )
    await expect(console.dialog.locator(".outcomes li")).to_have_count(2)
    await console.dialog.get_by_role("button", name="Close").click()
    listed = {one["alias"]: one for one in await server.list()}
    for alias in ("one live", "two live"):
        assert listed[alias]["metadata"] == {"reason": "budget spent"}
        assert deployment.sandbox.account.job(listed[alias]["finetuningJobId"]).status == "cancelled"
    assert listed["over before"]["metadata"] is None


async def test_nothing_is_cancelled_without_a_second_word(console: Console, server: Client) -> None:
    """Escape changes nothing."""
    (kept,) = await running(console, server, "kept so")
    await tick(console, "kept so")
    await asked_for(console, "Cancel the 1 ticked…")
    await console.page.keyboard.press("Escape")
    await expect(console.dialog).to_have_count(0)
    assert (await server.read(kept))["cancellation"] is None


async def test_those_that_were_shown_are_cancelled_and_no_others(console: Console, server: Client) -> None:
    """Also by the list's filters: what matches only afterwards goes on."""
    first, _ = await running(console, server, "nightly 1", "weekly")
    await console.page.goto(f"{console.url}/console?text=nightly")
    await expect(console.page.locator(".row")).to_have_count(1)
    await asked_for(console, "Cancel all that match…")
    await expect(console.dialog.get_by_role("heading")).to_have_text("Cancel 1 finetuning?")
    (later,) = await made(server, "nightly 2")
    await console.dialog.get_by_role("button", name="Cancel 1 finetuning").click()
    await console.shows(console.dialog, "Cancelled and confirmed")
    states = {one["alias"]: one["status"] for one in await server.list()}
    assert (states["nightly 1"], states["weekly"]) == ("CANCELLED", "RUNNING")
    assert (await server.read(first))["cancellation"]["phase"] == "CONFIRMED"
    assert (await server.read(later))["cancellation"] is None


async def test_a_cancel_that_nobody_answers_is_not_called_done(
    console: Console, server: Client, deployment: Deployment
) -> None:
    """It is recorded, and settled later; the line says both, each in its time."""
    await running(console, server, "unanswered")
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503, times=None))
    await tick(console, "unanswered")
    await asked_for(console, "Cancel the 1 ticked…")
    await console.dialog.get_by_role("button", name="Cancel 1 finetuning").click()
    line = console.dialog.locator(outcome(console, "unanswered"))
    await console.shows(line, "Recorded; the provider has not confirmed yet")
    await expect(line.locator(".badge")).to_have_text(["Training", "Cancel requested"])
    deployment.sandbox.faults.clear()
    await console.shows(line, "Cancelled and confirmed")


async def test_what_had_ended_is_said_not_to_be_cancelled(console: Console, server: Client) -> None:
    """There is nothing to confirm then."""

    def succeeded(first: Answer, *_: Answer) -> None:
        first |= {"alias": "gone meanwhile", "id": "65f0c0ffee65f0c0ffee65f0"}

    await ended(server, "over and done")
    await console.list_as(succeeded)
    await tick(console, "gone meanwhile")
    await asked_for(console, "Cancel the 1 ticked…")
    await expect(console.dialog.get_by_role("heading")).to_have_text("There is nothing to cancel")
    await console.shows(console.dialog.locator(".outcomes"), "does not exist")
    await expect(console.dialog.get_by_role("button")).to_have_text(["Close"])


async def test_a_lost_dry_run_is_asked_for_again(console: Console, server: Client) -> None:
    """By a button, and nothing is cancelled unseen."""
    (kept,) = await running(console, server, "asked twice")
    await tick(console, "asked twice")

    async def lose(route: Route) -> None:
        await route.abort()

    await console.page.route("**/graphql", lose)
    await console.page.get_by_role("button", name="Cancel the 1 ticked…").click()
    await console.shows(console.dialog.get_by_role("alert"), "The server cannot be reached")
    await console.page.unroute("**/graphql")
    await console.dialog.get_by_role("button", name="Ask again").click()
    await expect(console.dialog.get_by_role("heading")).to_have_text("Cancel 1 finetuning?")
    assert (await server.read(kept))["cancellation"] is None
    console.complaints.clear()
