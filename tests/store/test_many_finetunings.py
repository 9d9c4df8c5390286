"""Upkeep's operations: hints, claims by job, orphans, lost marks and overdue cancels."""

from beanie import PydanticObjectId

from exploration.samples import FILE
from graphql_api.documents import AccountKey, Finetuning, FinetuningEventKind, FinetuningStatus, Wanted
from graphql_api.tenancy import TenantScope
from tests.stages import ASKED, Stage, ask, ended, held_at, let_go_at, raw
from tests.world import OPENAI, World


async def test_a_job_is_claimed_before_it_is_due(world: World) -> None:
    """Once, and by its own id; a held or ended one is left alone."""
    waiting, upkeep = await let_go_at(world, Stage.ATTACHED), world.engine.upkeep
    assert await upkeep.claim_job("ftjob-2", token="a") is None
    assert await upkeep.claim_job("ftjob-1", token="a", where={"synced_at": world.clock.now()}) is None
    claimed = await upkeep.claim_job("ftjob-1", token="a")
    assert claimed is not None
    assert claimed.id == waiting.id
    assert await upkeep.claim_job("ftjob-1", token="b") is None


async def test_ended_and_cancelled_jobs_are_not_claimed(world: World) -> None:
    """Upkeep only goes on with training."""
    await ended(world, FinetuningStatus.SUCCEEDED)
    assert await world.engine.upkeep.claim_job("ftjob-1", token="a") is None
    assert await world.engine.upkeep.live_job_ids(account=OPENAI, most=5) == {}


async def test_live_jobs_come_with_what_was_last_seen(world: World) -> None:
    """As a filter it matches until there is a newer look."""
    waiting, upkeep = await let_go_at(world, Stage.ATTACHED), world.engine.upkeep
    found = await upkeep.live_job_ids(account=OPENAI, most=1)
    assert found == {
        "ftjob-1": {
            "finetuning_file_id": FILE,
            "hinted_at": None,
            "synced_at": waiting.synced_at,
            "created_at": waiting.created_at,
            "base_llm.model_provider": "openai",
            "provider_account_id": None,
        }
    }
    assert await upkeep.hint({"_id": waiting.id}) is not None
    assert await upkeep.claim_job("ftjob-1", token="a", where=found["ftjob-1"]) is None


async def test_a_hint_makes_a_live_one_due(world: World) -> None:
    """Never later than before, and not after its end."""
    waiting, upkeep = await let_go_at(world, Stage.ATTACHED), world.engine.upkeep
    hinted = await upkeep.hint({"_id": waiting.id})
    assert hinted is not None
    assert (hinted.due_at, hinted.hinted_at) == (world.clock.now(), world.clock.now())
    world.clock.advance(3)
    again = await upkeep.hint({"_id": waiting.id})
    assert again is not None
    assert (again.due_at, again.hinted_at) == (hinted.due_at, world.clock.now())
    closed = await ended(world, FinetuningStatus.FAILED)
    assert await upkeep.hint({"_id": closed.id}) is None


async def test_files_have_owners(world: World) -> None:
    """Deleted ones included; an unknown file has no owner."""
    held = await held_at(world, Stage.UPLOADED)
    await world.database["finetunings"].update_one(
        {"_id": held.id}, {"$set": {"training_files": ["file-0", FILE], "deletion": {"deleted_at": 1}}}
    )
    assert await world.engine.upkeep.owners_of(["file-0", "other"], account=OPENAI) == {
        "file-0": held.id,
        FILE: held.id,
    }
    assert await world.engine.upkeep.owners_of([], account=OPENAI) == {}


async def test_lost_marks_are_told_once(world: World) -> None:
    """A second miss writes nothing."""
    held = await held_at(world, Stage.ATTACHED)
    lost = await world.engine.upkeep.record_marks_lost(held.id, "$lost")
    assert lost is not None
    assert lost.marks_kept is False
    assert (lost.timeline[-1].kind, lost.timeline[-1].message) == ("marks_lost", "$lost")
    before = await raw(world, held)
    assert await world.engine.upkeep.record_marks_lost(held.id, "again") is None
    assert await raw(world, held) == before


async def test_a_job_that_may_be_its_own_is_no_orphan(world: World) -> None:
    """During a create call any job may be, and later the one it has."""
    upkeep = world.engine.upkeep
    for stage, job_id in ((Stage.MARKED, "ftjob-9"), (Stage.ATTACHED, "ftjob-1")):
        held = await held_at(world, stage)
        before = await raw(world, held)
        assert await upkeep.record_orphan(held.id, job_id, "stopped") is None
        assert await raw(world, held) == before


async def test_an_orphan_is_recorded(world: World) -> None:
    """Beside another job, before any create call, and after the end."""
    upkeep = world.engine.upkeep
    closed = await ended(world, FinetuningStatus.FAILED)
    for one in (await held_at(world, Stage.ATTACHED), await held_at(world, Stage.UPLOADED), closed):
        noted = await upkeep.record_orphan(one.id, "$job", "stopped")
        assert noted is not None
        assert noted.orphaned_jobs == ["$job"]
        assert noted.timeline[-1].kind is FinetuningEventKind.ORPHAN_STOPPED


async def test_an_overdue_cancel_is_told_once(world: World) -> None:
    """It counts as long as it is unconfirmed."""
    upkeep = world.engine.upkeep
    held = await held_at(world, Stage.ATTACHED)
    await ask(world, held)
    world.clock.advance(9)
    assert (await upkeep.mark_overdue(older_than_s=10), await upkeep.count_overdue(older_than_s=10)) == (
        None,
        0,
    )
    world.clock.advance(1)
    marked = await upkeep.mark_overdue(older_than_s=10)
    assert marked is not None
    assert (marked.overdue_at, marked.timeline[-1].kind) == (world.clock.now(), "cancel_overdue")
    assert (await upkeep.mark_overdue(older_than_s=10), await upkeep.count_overdue(older_than_s=10)) == (
        None,
        1,
    )


async def test_several_cancels_are_recorded_at_once(world: World) -> None:
    """The live ones are due, the ended one stays as it is, and another tenant's is not reached."""
    waiting, queued = await let_go_at(world, Stage.ATTACHED), await world.create()
    closed = await ended(world, FinetuningStatus.SUCCEEDED)
    before = await raw(world, closed)
    ids = [waiting.id, queued.id, closed.id, PydanticObjectId()]
    await world.engine.upkeep.request_cancels(ids, scope=TenantScope("other"), request=ASKED)
    assert await Finetuning.find({"wanted": Wanted.CANCEL.value}).count() == 0
    await world.engine.upkeep.request_cancels(ids, scope=TenantScope.of(waiting), request=ASKED)
    after = await world.read(waiting)
    assert (after.wanted, after.due_at, after.lease) == (Wanted.CANCEL, world.clock.now(), None)
    assert (await world.read(queued)).status is FinetuningStatus.CANCELLED
    assert await raw(world, closed) == before


async def test_the_ids_of_jobs_and_files_are_an_accounts_own(world: World) -> None:
    """Two endpoints may give out the same: what is found by one is the account's finetuning alone."""
    mine, other = await let_go_at(world, Stage.ATTACHED), await let_go_at(world, Stage.ATTACHED)
    theirs, upkeep = AccountKey("openai", PydanticObjectId()), world.engine.upkeep
    await world.database["finetunings"].update_one(
        {"_id": other.id}, {"$set": {"provider_account_id": theirs.id}}
    )
    for account, owner in ((OPENAI, mine), (theirs, other)):
        assert await upkeep.owners_of([FILE], account=account) == {FILE: owner.id}
        hinted = await upkeep.hint_job("ftjob-1", account=account)
        assert hinted is not None
        assert hinted.id == owner.id
        found = await upkeep.live_job_ids(account=account, most=5)
        claimed = await upkeep.claim_job("ftjob-1", token=str(owner.id), where=found["ftjob-1"])
        assert claimed is not None
        assert claimed.id == owner.id
    nobodys = AccountKey("openai", PydanticObjectId())
    assert await upkeep.owners_of([FILE], account=nobodys) == {}
    assert await upkeep.hint_job("ftjob-1", account=nobodys) is None
    assert await upkeep.live_job_ids(account=AccountKey("together"), most=5) == {}
