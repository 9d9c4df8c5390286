"""The console deletes a finetuning."""

import pytest
from playwright.async_api import expect

from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.openai import Fault
from graphql_api.sandbox.openai.jobs import JobStatus
from tests.console.console_page import Console
from tests.processes.client import Client
from tests.processes.deployment import Deployment

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def delete(console: Console) -> None:
    """Ask for the deletion, and confirm it."""
    await console.page.get_by_role("button", name="Delete…").click()
    await console.dialog.get_by_role("button", name="Delete finetuning").click()


async def test_nothing_is_deleted_without_a_second_word(console: Console, server: Client) -> None:
    """The question begins on the harmless button, and Escape changes nothing."""
    await console.start("kept")
    await console.page.get_by_role("button", name="Delete…").click()
    await expect(console.page.get_by_role("dialog", name="Delete “kept”?")).to_be_visible()
    await expect(console.dialog.get_by_role("button", name="Keep it")).to_be_focused()
    await console.page.keyboard.press("Escape")
    await expect(console.dialog).to_have_count(0)
    assert [one["id"] for one in await server.list()] == [console.page.url.rsplit("/", 1)[1]]


async def test_a_deleted_finetuning_is_gone_from_the_list(
    console: Console, server: Client, deployment: Deployment
) -> None:
    """Its job is cancelled first, and the page goes back to the list."""
    await console.start("removed")
    job = await console.job(deployment)
    await delete(console)
    await expect(console.page.locator(".row", has_text="removed")).to_have_count(0)
    await console.page.wait_for_url(f"{console.url}/console/")
    assert job.status is JobStatus.CANCELLED
    assert "removed" not in str(await server.list())


async def test_a_deletion_that_waits_for_its_cancel_says_so(console: Console, deployment: Deployment) -> None:
    """It stays in sight as long as the provider refuses, and is said to be deleted afterwards."""
    await console.start("waited for")
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503, times=None))
    await delete(console)
    await console.shows(console.dialog, "Asked for; it is removed as soon as its cancel is settled.")
    await console.dialog.get_by_role("button", name="Close").click()
    await console.shows(console.detail.locator("header"), "Cancel requested")
    deployment.sandbox.faults.clear()
    await console.shows(console.detail.locator("> .notice.calm"), "Deleted")
    await expect(console.page.locator(".row", has_text="waited for")).to_have_count(0)
    await expect(console.page.get_by_role("button", name="Delete…")).to_have_count(0)
