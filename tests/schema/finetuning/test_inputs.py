"""``createFinetuning``: its defaults and its refusals.

Nothing is stored after a refusal.
"""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from graphql_api.catalogue.db_connections import update_db_connection
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.schema.finetuning.inputs import FinetuningFilter
from tests.schema.conftest import Client

CREATE = """
mutation Create($input: CreateFinetuningInput!) {
  createFinetuning(input: $input) {
    id dbConnectionId alias status error goldenRecords metadata suffix seed isCancellable
    baseLlm { modelProvider modelName modelParameters { nEpochs batchSize learningRateMultiplier } }
    cancellation { phase } dataset { recordCount } finetuningFileId finetuningJobId modelId finishedAt
  }
}
"""
UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"


def parameters(**given: Any) -> dict[str, Any]:
    """Return the input that chooses these hyperparameters."""
    return {"baseLlm": {"modelParameters": given}}


async def created(client: Client, **given: Any) -> dict[str, Any]:
    """Create a finetuning, on a connection of its own if none is given."""
    given.setdefault("dbConnectionId", str((await client.world.connection()).id))
    answer: dict[str, Any] = (await client.data(CREATE, input=given))["createFinetuning"]
    return answer


async def test_what_is_left_out_is_filled_in(client: Client) -> None:
    """The server's model, three epochs, one record a step, and the connection's alias with the date."""
    finetuning = await created(client)
    assert finetuning.pop("alias").startswith("library 20")
    assert finetuning.pop("id")
    assert finetuning.pop("dbConnectionId")
    assert finetuning.pop("baseLlm") == {
        "modelProvider": "openai",
        "modelName": "gpt-4.1-mini-2025-04-14",
        "modelParameters": {"nEpochs": 3, "batchSize": 1, "learningRateMultiplier": "auto"},
    }
    assert (finetuning.pop("status"), finetuning.pop("isCancellable")) == ("QUEUED", True)
    assert set(finetuning.values()) == {None}
    assert len(client.wakes) == 1
    assert client.world.sandbox.calls.find() == []


async def test_null_is_as_good_as_absent(client: Client) -> None:
    """For every optional input, at every depth."""
    options = ["alias", "baseLlm", "goldenRecords", "metadata", "suffix", "seed", "idempotencyKey"]
    llm = dict.fromkeys(["modelProvider", "modelName", "modelParameters"])
    numbers = dict.fromkeys(["nEpochs", "batchSize", "learningRateMultiplier"])
    for nulls in (dict.fromkeys(options), {"baseLlm": llm}, {"baseLlm": {"modelParameters": numbers}}):
        finetuning = await created(client, **nulls)
        assert finetuning["baseLlm"]["modelName"] == "gpt-4.1-mini-2025-04-14"
        assert finetuning["baseLlm"]["modelParameters"]["nEpochs"] == 3
        assert (finetuning["goldenRecords"], finetuning["metadata"]) == (None, None)
        assert (finetuning["suffix"], finetuning["seed"]) == (None, None)


async def test_a_suffix_and_a_seed_are_answered_as_given(client: Client) -> None:
    """Zero is a seed, too."""
    finetuning = await created(client, suffix="shop-v2", seed=0)
    assert (finetuning["suffix"], finetuning["seed"]) == ("shop-v2", 0)


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ({"nEpochs": "1"}, {"nEpochs": 1}),
        ({"nEpochs": 50, "batchSize": "256"}, {"nEpochs": 50, "batchSize": 256}),
        ({"nEpochs": 2.0, "batchSize": "auto"}, {"nEpochs": 2, "batchSize": "auto"}),
        ({"learningRateMultiplier": "0.5"}, {"learningRateMultiplier": 0.5}),
        ({"learningRateMultiplier": 2}, {"learningRateMultiplier": 2}),
        ({"learningRateMultiplier": 1e-9}, {"learningRateMultiplier": 1e-9}),
    ],
)
async def test_numbers_may_be_strings(
    client: Client, given: dict[str, Any], answered: dict[str, Any]
) -> None:
    """They are answered as the numbers that they spell; limits are inclusive."""
    finetuning = await created(client, **parameters(**given))
    told = finetuning["baseLlm"]["modelParameters"]
    assert {name: told[name] for name in answered} == answered


EPOCHS = 'nEpochs must be "auto" or a whole number from 1 to 50.'
BATCH = 'batchSize must be "auto" or a whole number from 1 to 256.'
RATE = 'learningRateMultiplier must be "auto" or a number above 0.'
SUFFIX = "suffix must have 1 to 64 of the characters A-Z, a-z, 0-9, - and _."
BAD_INPUT: dict[str, tuple[dict[str, Any], str, str]] = {
    **{
        f"epochs_{n!r}": (parameters(nEpochs=n), EPOCHS, "nEpochs")
        for n in (0, 51, -1, 1.5, "abc", "", "AUTO")
    },
    **{f"epochs_{n!r}": (parameters(nEpochs=n), EPOCHS, "nEpochs") for n in ("nan", "inf", "1e999", "1/2")},
    **{f"batch_{n!r}": (parameters(batchSize=n), BATCH, "batchSize") for n in (0, 257, "0x10", 10**30)},
    **{
        f"rate_{n!r}": (parameters(learningRateMultiplier=n), RATE, "learningRateMultiplier")
        for n in (0, -0.1, "-inf", "much")
    },
    **{f"suffix_{text!r}": ({"suffix": text}, SUFFIX, "suffix") for text in ("", "s" * 65, "my shop")},
    "negative_seed": ({"seed": -1}, "seed must be a whole number from 0 to 2147483647.", "seed"),
    "blank_alias": ({"alias": " "}, "alias must not be empty.", "alias"),
    "long_alias": ({"alias": "a" * 201}, "alias must have at most 200 characters.", "alias"),
    "blank_model": (
        {"baseLlm": {"modelName": ""}},
        "baseLlm.modelName must not be empty.",
        "baseLlm.modelName",
    ),
    "long_model": (
        {"baseLlm": {"modelName": "m" * 257}},
        "baseLlm.modelName must have at most 256 characters.",
        "baseLlm.modelName",
    ),
    "metadata": ({"metadata": ["x"]}, "metadata must be a map of strings to strings.", "metadata"),
    "blank_key": ({"idempotencyKey": ""}, "idempotencyKey must not be empty.", "idempotencyKey"),
    "long_key": (
        {"idempotencyKey": "k" * 256},
        "idempotencyKey must have at most 255 characters.",
        "idempotencyKey",
    ),
    "bad_record": (
        {"goldenRecords": ["x"]},
        "goldenRecords must be an id of 24 hexadecimal digits.",
        "goldenRecords",
    ),
    "record_twice": (
        {"goldenRecords": [UNKNOWN_ID, UNKNOWN_ID]},
        "goldenRecords must not name a record twice.",
        "goldenRecords",
    ),
    "bad_connection": (
        {"dbConnectionId": "x"},
        "dbConnectionId must be an id of 24 hexadecimal digits.",
        "dbConnectionId",
    ),
}


@pytest.mark.parametrize(("given", "message", "argument"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
async def test_bad_input_stores_nothing(
    client: Client, given: dict[str, Any], message: str, argument: str
) -> None:
    """The wrong argument is named, with a right value."""
    connection = await client.world.connection()
    before = await client.counts()
    error = await client.refusal(CREATE, input={"dbConnectionId": str(connection.id), **given})
    assert error == {"message": message, "argument": argument, "code": "BAD_USER_INPUT"}
    assert await client.counts() == before
    assert client.wakes == []


@pytest.mark.parametrize("value", [True, False, [1], {"n": 1}])
async def test_only_numbers_and_strings_are_numbers(client: Client, value: object) -> None:
    """True is not one epoch."""
    connection = await client.world.connection()
    given = {"dbConnectionId": str(connection.id), **parameters(nEpochs=value)}
    error = await client.refusal(CREATE, input=given)
    assert error["code"] == "BAD_USER_INPUT"
    assert error["message"].endswith('NumberOrAuto must be a number, a numeric string or "auto".')
    assert (await client.counts())["Finetuning"] == 0


async def test_the_connection_has_to_exist_for_this_tenant(client: Client) -> None:
    """Another tenant's is as good as a missing one."""
    theirs = await client.world.connection()
    other = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    for asked, connection_id in ((client, UNKNOWN_ID), (other, str(theirs.id))):
        error = await asked.refusal(CREATE, input={"dbConnectionId": connection_id})
        assert error == {
            "message": f"There is no database connection {connection_id}.",
            "dbConnectionId": connection_id,
            "code": "DB_CONNECTION_NOT_FOUND",
        }
    assert (await client.counts())["Finetuning"] == 0


async def test_the_records_have_to_be_the_connections(client: Client) -> None:
    """Those that are not are listed."""
    connection, another = await client.world.connection(), await client.world.connection()
    ours = [str(one) for one in await client.world.golden_record_ids(connection)]
    theirs = [str(one) for one in await client.world.golden_record_ids(another)][:2]
    given = {"dbConnectionId": str(connection.id), "goldenRecords": [*ours, *theirs, UNKNOWN_ID]}
    missing = [*theirs, UNKNOWN_ID]
    assert await client.refusal(CREATE, input=given) == {
        "message": f"The connection has no golden records {', '.join(missing)}.",
        "goldenRecords": missing,
        "code": "GOLDEN_RECORD_NOT_FOUND",
    }
    assert (await client.counts())["Finetuning"] == 0


@pytest.mark.parametrize("chosen", [None, 9, 0])
async def test_ten_records_are_needed(client: Client, chosen: int | None) -> None:
    """Of the connection or of those chosen; how many there are is told."""
    connection = await client.world.connection(golden_records=9 if chosen is None else 12)
    ids = [str(one) for one in await client.world.golden_record_ids(connection)]
    records = None if chosen is None else ids[:chosen]
    found = 9 if chosen is None else chosen
    given = {"dbConnectionId": str(connection.id), "goldenRecords": records}
    assert await client.refusal(CREATE, input=given) == {
        "message": f"At least 10 golden records are needed, {found} were found.",
        "found": found,
        "required": 10,
        "code": "INSUFFICIENT_GOLDEN_RECORDS",
    }
    assert (await client.counts())["Finetuning"] == 0


async def test_the_records_chosen_and_those_trained_on_are_told(client: Client) -> None:
    """Chosen in the order they were named; trained on the oldest first."""
    connection = await client.world.connection(golden_records=12)
    ids = [str(one) for one in await client.world.golden_record_ids(connection)]
    finetuning = await created(client, dbConnectionId=str(connection.id), goldenRecords=ids[:1:-1])
    assert finetuning["goldenRecords"] == ids[:1:-1]
    await client.world.work()
    query = "query($id: ID!) { finetuning(id: $id) { goldenRecords dataset { goldenRecords } } }"
    assert (await client.data(query, id=finetuning["id"]))["finetuning"] == {
        "goldenRecords": ids[:1:-1],
        "dataset": {"goldenRecords": ids[2:]},
    }


async def test_a_training_file_has_a_largest_size(client: Client) -> None:
    """Every record comes with all tables, and that adds up: both sizes are told."""
    connection = await client.world.connection(golden_records=105)
    await update_db_connection(
        str(connection.id), {"table_schemas": ["x" * 98_000] * 10}, caller=client.world.caller
    )
    refusal = await client.refusal(CREATE, input={"dbConnectionId": str(connection.id)})
    assert refusal == {
        "message": "The training file would have at least 102,931,070 bytes, and at most 100,000,000 are "
        "allowed. Every golden record comes with all tableSchemas of the connection: keep only the ones "
        "needed by its questions, or choose fewer golden records.",
        "sizeBytes": 102_931_070,
        "most": 100_000_000,
        "code": "TRAINING_FILE_TOO_LARGE",
    }
    assert (await client.counts())["Finetuning"] == 0


async def test_an_unknown_provider_is_told_with_those_known(client: Client) -> None:
    """As is a model that the operator does not allow."""
    connection_id = str((await client.world.connection()).id)
    given = {"dbConnectionId": connection_id, "baseLlm": {"modelProvider": "azure"}}
    assert await client.refusal(CREATE, input=given) == {
        "message": "Provider 'azure' is not supported; supported: openai.",
        "supported": ["openai"],
        "code": "PROVIDER_NOT_SUPPORTED",
    }
    strict = replace(client, models=ModelPolicy(default_model="gpt-4", allowed=("gpt-3.5-turbo*", "gpt-4*")))
    given = {"dbConnectionId": connection_id, "baseLlm": {"modelName": "davinci-002"}}
    assert await strict.refusal(CREATE, input=given) == {
        "message": "Model 'davinci-002' is not supported here; allowed: gpt-3.5-turbo*, gpt-4*.",
        "allowed": ["gpt-3.5-turbo*", "gpt-4*"],
        "code": "MODEL_NOT_SUPPORTED",
    }
    assert (await client.counts())["Finetuning"] == 0
    for model in ("gpt-3.5-turbo-1106", "gpt-4"):
        given = {"dbConnectionId": connection_id, "baseLlm": {"modelName": model}}
        assert (await strict.data(CREATE, input=given))["createFinetuning"]["baseLlm"]["modelName"] == model


async def test_a_repeated_call_with_its_key_creates_nothing(client: Client) -> None:
    """The first call's finetuning is the answer; another input under the key is refused."""
    connection_id = str((await client.world.connection()).id)
    first = await created(client, dbConnectionId=connection_id, idempotencyKey="k", alias="mine")
    again = await created(client, dbConnectionId=connection_id, idempotencyKey="k", alias="mine")
    assert again == first
    changed = {"dbConnectionId": connection_id, "idempotencyKey": "k", "alias": "other"}
    message = "idempotencyKey has been used with another input."
    assert await client.refusal(CREATE, input=changed) == {
        "message": message,
        "argument": "idempotencyKey",
        "code": "BAD_USER_INPUT",
    }
    assert (await client.counts())["Finetuning"] == 1


def test_only_a_part_of_an_alias_names_the_index_to_read() -> None:
    """A whole one is left to MongoDB, which has an index of aliases."""
    assert FinetuningFilter(alias="a").index == "newest_with_alias"
    assert FinetuningFilter(named="a").index is None
    assert FinetuningFilter(named="a", alias="a").index is None
