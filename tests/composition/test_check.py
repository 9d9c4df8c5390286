"""The findings of a check: settings, MongoDB, address and provider, each by itself."""

from pathlib import Path

from pydantic import SecretStr

from chaos.ports import free_port
from graphql_api.composition.check import diagnose
from graphql_api.composition.check_mongodb import MARKS_LOST
from graphql_api.composition.settings import Settings
from graphql_api.sandbox.openai import Fault, FaultKind
from graphql_api.store.suitability import Remark
from tests.world import World


def _settings(world: World, mongodb_uri: str, **changes: object) -> Settings:
    """Return settings of the world's MongoDB and provider."""
    return Settings(
        mongodb_uri=SecretStr(mongodb_uri),
        mongodb_database=world.database.name,
        openai_api_key=SecretStr("sk-check"),
        openai_base_url=world.server.base_url,
        port=0,
    ).model_copy(update=changes)


async def _problems(settings: Settings) -> dict[str, str | None]:
    """Return the problem with each part."""
    return {name: found.problem for name, found in (await diagnose(settings)).items()}


async def test_what_was_looked_at_is_told(world: World, mongodb_uri: str) -> None:
    """By address, without a secret."""
    found = await diagnose(_settings(world, mongodb_uri))
    assert str(found["settings"]) == "ok (each by itself and all together)"
    assert str(found["provider"]) == f"ok ({world.server.base_url}, asked for its newest job)"
    assert "sk-check" not in "".join(map(str, found.values()))


async def test_a_good_deployment_has_no_problem(world: World, mongodb_uri: str) -> None:
    """Each part is named, and the provider is asked for one page of jobs."""
    found = await _problems(_settings(world, mongodb_uri))
    assert found == {"settings": None, "mongodb": None, "address": None, "provider": None}
    assert world.calls("jobs.list") == 1


async def test_each_part_is_checked_although_the_others_fail(world: World, tmp_path: Path) -> None:
    """Three problems are told at once, and no password among them."""
    missing = tmp_path / "none.json"
    settings = _settings(
        world,
        f"mongodb://operator:hunter2@127.0.0.1:{free_port()}/?directConnection=true",
        mongodb_timeout_s=0.3,
        trusted_documents=missing,
        openai_api_key=None,
    )
    found = await _problems(settings)
    assert found["settings"] == f"TRUSTED_DOCUMENTS: [Errno 2] No such file or directory: '{missing}'"
    assert found["mongodb"] is not None
    assert found["mongodb"].startswith("MONGODB_URI: MongoDB cannot be used: ")
    assert "hunter2" not in found["mongodb"]
    assert found["provider"] == "OPENAI_API_KEY is not set; set it, or start with --sandbox to try things out"


async def test_a_refused_key_is_the_providers_problem(world: World, mongodb_uri: str) -> None:
    """The message is the provider's, without the key."""
    refusal = Fault(kind=FaultKind.STATUS, operation="jobs.list", status=401, message="Wrong key: sk-check")
    world.fault(refusal)
    found = await _problems(_settings(world, mongodb_uri))
    assert (found["settings"], found["mongodb"]) == (None, None)
    assert found["provider"] is not None
    assert "401" in found["provider"]
    assert "sk-check" not in found["provider"]


async def test_lost_marks_are_a_remark_and_no_problem(world: World, mongodb_uri: str) -> None:
    """The newest job shows that the provider drops metadata; the check makes no job."""
    world.fault(Fault(kind=FaultKind.METADATA_DROPPED, operation="jobs.create"))
    await world.created_and_training()
    found = await _problems(_settings(world, mongodb_uri))
    assert found == {"settings": None, "mongodb": None, "address": None, "provider": MARKS_LOST}
    assert isinstance(found["provider"], Remark)
    assert len(world.jobs()) == 1
