"""The creation of a finetuning.

It is checked before anything is stored, and made once for each idempotency key.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.documents import Finetuning, FinetuningStatus, GoldenRecord, Wanted
from graphql_api.errors import (
    BadUserInputError,
    DbConnectionNotFoundError,
    ExpectedError,
    GoldenRecordNotFoundError,
    InsufficientGoldenRecordsError,
    ModelNotSupportedError,
    ProviderNotSupportedError,
)
from graphql_api.finetunings.base_llm import BaseLlmChoice, ModelPolicy, ParameterChoice
from graphql_api.finetunings.create import CreateRequest, create
from tests.world import POLICY, World


async def test_a_finetuning_is_queued_with_every_default(world: World) -> None:
    """The provider has not been asked when the caller has its answer."""
    connection = await world.connection()
    created = await world.create(db_connection_id=str(connection.id))
    assert created == await world.read(created)
    assert (created.status, created.wanted, created.error) == (FinetuningStatus.QUEUED, Wanted.TRAIN, None)
    assert (created.finetuning_file_id, created.finetuning_job_id, created.model_id) == (None, None, None)
    assert (created.golden_records, created.metadata, created.cancellation) == (None, None, None)
    assert (created.tenant, created.db_connection_id) == ("default", connection.id)
    assert created.alias.startswith("library ")
    assert created.base_llm.model_dump() == {
        "model_provider": "openai",
        "model_name": POLICY.default_model,
        "model_parameters": {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": "auto"},
    }
    assert created.created_at == created.updated_at == created.due_at == world.clock.now()
    assert [(event.kind.value, event.status) for event in created.timeline] == [("created", "queued")]
    assert world.sandbox.calls.find() == []


async def test_what_was_given_is_kept(world: World) -> None:
    """Numbers in strings become numbers; everything else is verbatim."""
    connection = await world.connection()
    ids = [str(one) for one in await world.golden_record_ids(connection)]
    created = await world.create(
        db_connection_id=str(connection.id),
        alias=" My model ",
        golden_records=ids[::-1],
        metadata={},
        base_llm=BaseLlmChoice(
            model_name="gpt-4", model_parameters=ParameterChoice(n_epochs="1", batch_size="auto")
        ),
    )
    assert (created.alias, created.metadata) == (" My model ", {})
    assert [str(one) for one in created.golden_records or []] == ids[::-1]
    assert created.base_llm.model_parameters.n_epochs == 1
    assert created.base_llm.model_parameters.batch_size == "auto"


@pytest.mark.parametrize(
    ("wrong", "error", "argument"),
    [
        ({"db_connection_id": "x"}, BadUserInputError, "dbConnectionId"),
        ({"db_connection_id": "0" * 24}, DbConnectionNotFoundError, None),
        ({"alias": " "}, BadUserInputError, "alias"),
        ({"alias": "x" * 201}, BadUserInputError, "alias"),
        ({"metadata": {"a": 1}}, BadUserInputError, "metadata"),
        ({"golden_records": ["x"]}, BadUserInputError, "goldenRecords"),
        ({"golden_records": ["0" * 24]}, GoldenRecordNotFoundError, None),
        ({"golden_records": []}, InsufficientGoldenRecordsError, None),
        *[({"suffix": one}, BadUserInputError, "suffix") for one in ("", "s" * 65, "a b", "a:b", "é", "a\n")],
        *[({"seed": one}, BadUserInputError, "seed") for one in (-1, 2**31)],
        ({"idempotency_key": ""}, BadUserInputError, "idempotencyKey"),
        ({"idempotency_key": "x" * 256}, BadUserInputError, "idempotencyKey"),
        ({"base_llm": BaseLlmChoice(model_provider="x")}, ProviderNotSupportedError, None),
        ({"base_llm": BaseLlmChoice(model_name="")}, BadUserInputError, "baseLlm.modelName"),
        (
            {"base_llm": BaseLlmChoice(model_parameters=ParameterChoice(n_epochs="nan"))},
            BadUserInputError,
            "nEpochs",
        ),
    ],
    ids=str,
)
async def test_a_wrong_request_stores_nothing(
    world: World, wrong: Any, error: type[ExpectedError], argument: str | None
) -> None:
    """And asks the provider nothing."""
    connection = await world.connection()
    with pytest.raises(error) as refusal:
        await world.create(**{"db_connection_id": str(connection.id), **wrong})
    assert refusal.value.details.get("argument") == argument
    assert await Finetuning.count() == 0
    assert world.sandbox.calls.find() == []


async def test_a_model_that_the_operator_forbids_stores_nothing(world: World) -> None:
    """The default model is held to the patterns like any other."""
    request = CreateRequest(db_connection_id=str((await world.connection()).id))
    policy = ModelPolicy(default_model="gpt-4", allowed=["o1*"])
    with pytest.raises(ModelNotSupportedError):
        await create(request, caller=world.caller, policy=policy, engine=world.engine)
    assert await Finetuning.count() == 0


@pytest.mark.parametrize("named", [False, True], ids=["all", "named"])
async def test_ten_golden_records_are_enough_and_nine_are_not(world: World, named: bool) -> None:
    """Whether they are named or all of the connection's are meant."""
    for count in (9, 10):
        connection = await world.connection(golden_records=count)
        ids = [str(one) for one in await world.golden_record_ids(connection)]
        given = {"db_connection_id": str(connection.id), "golden_records": ids if named else None}
        if count == 10:
            kept = (await world.create(**given)).golden_records
            assert (kept and [str(one) for one in kept]) == (ids if named else None)
            return
        with pytest.raises(InsufficientGoldenRecordsError) as refusal:
            await world.create(**given)
        assert refusal.value.details == {"found": 9, "required": 10}
        assert await Finetuning.count() == 0


async def test_a_record_named_twice_does_not_count_twice(world: World) -> None:
    """Not even in another case of letters."""
    connection = await world.connection()
    ids = [str(one) for one in await world.golden_record_ids(connection)]
    for again in (ids[0], ids[0].upper()):
        with pytest.raises(BadUserInputError, match="must not name a record twice"):
            await world.create(db_connection_id=str(connection.id), golden_records=[*ids, again])
    assert await Finetuning.count() == 0


async def test_only_the_callers_own_connections_and_records_can_be_trained_on(world: World) -> None:
    """Another tenant's, and another connection's, do not exist here."""
    connection, other = await world.connection(), await world.connection()
    request = CreateRequest(db_connection_id=str(connection.id))
    stranger = replace(world.caller, tenant="b")
    with pytest.raises(DbConnectionNotFoundError):
        await create(request, caller=stranger, policy=POLICY, engine=world.engine)
    ids = [str(one) for one in await world.golden_record_ids(connection)]
    foreign = str((await world.golden_record_ids(other))[0])
    moved = await GoldenRecord.get(ids[0])
    assert moved is not None
    moved.tenant = "b"
    await moved.replace()
    for unknown, given in ((foreign, [*ids[1:], foreign]), (ids[0], ids)):
        with pytest.raises(GoldenRecordNotFoundError) as refusal:
            await world.create(db_connection_id=str(connection.id), golden_records=given)
        assert refusal.value.details == {"goldenRecords": [unknown]}
    assert await Finetuning.count() == 0


async def test_a_repeated_call_returns_the_first_calls_finetuning(world: World) -> None:
    """As it is by now, even if it could not be created any more."""
    connection = await world.connection()
    given: dict[str, Any] = {"db_connection_id": str(connection.id), "idempotency_key": "k", "alias": "a"}
    first = await world.create(**given)
    await world.work()
    await GoldenRecord.find_all().delete()
    assert await world.create(**given) == await world.read(first)
    assert await Finetuning.count() == 1
    assert world.calls("jobs.create") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"alias": "b"},
        {"alias": None},
        {"metadata": {}},
        {"golden_records": []},
        {"suffix": "b"},
        {"seed": 0},
    ],
)
async def test_a_key_used_with_another_input_is_refused(world: World, change: dict[str, Any]) -> None:
    """Neither does the first finetuning change, nor is there a second one."""
    connection = await world.connection()
    given: dict[str, Any] = {"db_connection_id": str(connection.id), "idempotency_key": "k", "alias": "a"}
    first = await world.create(**given)
    with pytest.raises(BadUserInputError) as refusal:
        await world.create(**(given | change))
    assert refusal.value.message == "idempotencyKey has been used with another input."
    assert refusal.value.details == {"argument": "idempotencyKey"}
    assert await Finetuning.find_all().to_list() == [first]


@pytest.mark.parametrize(
    ("given", "fingerprint"),
    [
        ({}, "7c168e548d63ce0f1473e3f74bd55ae78b9770aa5addfc5bc97158148310fe59"),
        (
            {
                "metadata": {"b": "c"},
                "golden_records": ["1" * 24],
                "base_llm": BaseLlmChoice(model_name="m", model_parameters=ParameterChoice(n_epochs=2)),
            },
            "68768d9f92b08344049d7135541b78abf3739b691e522b62fac0f22c4e796226",
        ),
    ],
    ids=["least", "most"],
)
def test_a_request_from_before_an_upgrade_keeps_its_fingerprint(
    given: dict[str, Any], fingerprint: str
) -> None:
    """As the versions without suffix and seed stored it, so a repeated call is still known as one."""
    request = CreateRequest(db_connection_id="0" * 24, alias="a", idempotency_key="k", **given)
    assert request.fingerprint == fingerprint


@pytest.mark.parametrize(
    ("suffix", "seed"), [("s", 0), ("A-z_0" + "9" * 59, 2**31 - 1)], ids=["least", "most"]
)
async def test_a_suffix_and_a_seed_reach_the_provider_as_they_are(
    world: World, suffix: str, seed: int
) -> None:
    """The bounds are the provider's; the alias names the model no longer."""
    created = await world.created_and_training(alias="Sales Q3", suffix=suffix, seed=seed)
    [job] = world.jobs()
    assert (created.suffix, created.seed) == (job.suffix, job.seed) == (suffix, seed)


async def test_without_a_suffix_and_a_seed_the_provider_chooses(world: World) -> None:
    """The model is named after the alias, and the document says that nothing was chosen."""
    created = await world.created_and_training(alias="Sales Q3")
    assert (created.suffix, created.seed) == (None, None)
    assert [job.suffix for job in world.jobs()] == ["Sales-Q3"]


async def test_calls_at_once_with_one_key_make_one_finetuning(world: World) -> None:
    """All of them return it; the unique index decides, not the look before."""
    connection = str((await world.connection()).id)
    answers = await asyncio.gather(
        *[world.create(db_connection_id=connection, idempotency_key="k") for _ in range(8)]
    )
    assert all(answer == answers[0] for answer in answers)
    assert await Finetuning.count() == 1


async def test_calls_at_once_with_one_key_and_different_inputs_agree_on_one(world: World) -> None:
    """One is stored, the others are told that the key is taken."""
    connection = str((await world.connection()).id)
    answers = await asyncio.gather(
        *[world.create(db_connection_id=connection, idempotency_key="k", alias=str(n)) for n in range(4)],
        return_exceptions=True,
    )
    assert sum(isinstance(answer, BadUserInputError) for answer in answers) == 3
    assert await Finetuning.count() == 1


async def test_a_key_belongs_to_its_tenant(world: World) -> None:
    """Two tenants may use the same key; without a key every call makes a finetuning."""
    mine = await world.create(idempotency_key="k")
    world.caller = replace(world.caller, tenant="b")
    theirs = await world.create(idempotency_key="k")
    assert (mine.tenant, theirs.tenant) == ("default", "b")
    connection = str((await world.connection()).id)
    for _ in range(2):
        await world.create(db_connection_id=connection)
    assert await Finetuning.count() == 4
