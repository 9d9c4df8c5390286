"""The finetuning document's own words for its state."""

from datetime import UTC, datetime

from beanie import PydanticObjectId

from graphql_api.documents import BaseLlm, Deletion, Finetuning, FinetuningStatus
from graphql_api.store.database import Database

AT = datetime(2026, 1, 1, tzinfo=UTC)


def finetuning() -> Finetuning:
    """Return a finetuning with every default."""
    return Finetuning(
        tenant="acme",
        db_connection_id=PydanticObjectId(),
        alias="library",
        base_llm=BaseLlm(model_provider="openai", model_name="gpt-4.1-mini-2025-04-14"),
        created_at=AT,
        updated_at=AT,
        due_at=None,
    )


async def test_a_live_one_can_be_cancelled(database: Database) -> None:
    """Any status but an end."""
    one = finetuning()
    cancellable = []
    for status in FinetuningStatus:
        one.status = status
        cancellable += [status.value] if one.is_cancellable else []
    assert cancellable == ["queued", "validating_files", "running"]


async def test_it_is_gone_when_its_deletion_is_over(database: Database) -> None:
    """A requested deletion alone hides nothing."""
    one = finetuning()
    assert not one.is_deleted
    one.deletion = Deletion(requested_at=AT)
    assert not one.is_deleted
    one.deletion = Deletion(requested_at=AT, deleted_at=AT)
    assert one.is_deleted
