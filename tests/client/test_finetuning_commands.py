"""``finetunings``: its options, its output and its exit codes."""

import socket
from contextlib import closing

import pytest
from bson import ObjectId
from click import BadParameter

from graphql_api.client.finetuning_commands import STATUSES, NumberOrAuto
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.sandbox.openai import Fault, FaultKind
from tests.accounts.stage import account_of
from tests.client.conftest import Shell


async def test_a_created_finetuning_prints_its_id_alone(shell: Shell) -> None:
    """Its connection may be named by its alias; parameters are numbers or auto."""
    connection = await shell.world.connection()
    chosen = ["--n-epochs", "2", "--batch-size", "auto", "--learning-rate-multiplier", "0.5"]
    given = ["--alias", "mine", "--model", "gpt-4o-mini-2024-07-18", "--metadata", "owner=ml"]
    given += ["--suffix", "shop-v2", "--seed", "0"]
    result = await shell.run("finetunings", "create", "--db-connection", "library", *chosen, *given)
    [stored] = await Finetuning.find_all().to_list()
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        f"{stored.id}\n",
        "created finetuning mine\n",
    )
    assert (stored.db_connection_id, stored.metadata) == (connection.id, {"owner": "ml"})
    assert (stored.suffix, stored.seed) == ("shop-v2", 0)
    assert stored.base_llm.model_dump() == {
        "model_provider": "openai",
        "model_name": "gpt-4o-mini-2024-07-18",
        "model_parameters": {"n_epochs": 2, "batch_size": "auto", "learning_rate_multiplier": 0.5},
    }


async def test_a_finetuning_is_created_under_an_account(shell: Shell) -> None:
    """And shows it."""
    account = await account_of(shell.world)
    await shell.world.connection()
    under = ["--provider-account", str(account.id)]
    created = await shell.stdout("finetunings", "create", "--db-connection", "library", *under)
    assert str(account.id) in await shell.stdout("finetunings", "show", created.strip())
    [stored] = await Finetuning.find_all().to_list()
    assert stored.provider_account_id == account.id


async def test_without_options_the_server_chooses(shell: Shell) -> None:
    """And the same key of the client makes no second one."""
    await shell.world.connection()
    create = ["finetunings", "create", "--db-connection", "library", "--idempotency-key", "once"]
    first, second = await shell.stdout(*create), await shell.stdout(*create)
    [stored] = await Finetuning.find_all().to_list()
    assert first == second == f"{stored.id}\n"
    assert stored.base_llm.model_name == "gpt-4.1-mini-2025-04-14"


async def test_an_unanswered_create_says_how_to_ask_again(shell: Shell) -> None:
    """What it did is not known, and a second finetuning costs money."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        shell.url = f"http://127.0.0.1:{silent.getsockname()[1]}/graphql"
        silent.close()
        result = await shell.run(
            "finetunings", "create", "--db-connection", str(ObjectId()), "--idempotency-key", "k"
        )
    assert result.exit_code == 4
    assert result.stderr.endswith("; to ask again without a second finetuning, add --idempotency-key k\n")


async def test_finetunings_are_listed_by_status_and_connection(shell: Shell) -> None:
    """The newest first."""
    old = await shell.world.created_and_training(alias="old")
    new = await shell.world.create(alias="new")
    listed = await shell.json("finetunings", "list")
    assert [one["alias"] for one in listed] == ["new", "old"]
    lines = await shell.stdout("finetunings", "list", "--status", "running")
    assert lines.split("\t")[:4] == [str(old.id), "old", "RUNNING", "gpt-4.1-mini-2025-04-14"]
    of = await shell.json("finetunings", "list", "--db-connection", str(new.db_connection_id))
    assert [one["id"] for one in of] == [str(new.id)]


async def test_one_is_shown(shell: Shell) -> None:
    """What is not known yet is left out."""
    finetuning = await shell.world.create(alias="mine")
    shown = dict(
        line.split(None, 1) for line in (await shell.stdout("finetunings", "show", "mine")).splitlines()
    )
    assert (shown["id"], shown["status"]) == (str(finetuning.id), "QUEUED")
    assert shown["parameters"] == "nEpochs=3, batchSize=1, learningRateMultiplier=auto"
    assert "error" not in shown


async def test_a_cancel_is_carried_out(shell: Shell) -> None:
    """With its metadata; asking again gives the same answer."""
    finetuning = await shell.world.created_and_training(alias="mine")
    told = f"{finetuning.id} is cancelled\n"
    assert await shell.stdout("finetunings", "cancel", "mine", "--metadata", "reason=demo") == told
    assert await shell.stdout("finetunings", "cancel", "mine") == told
    stored = await shell.world.read(finetuning)
    assert (stored.status, stored.metadata) == (FinetuningStatus.CANCELLED, {"reason": "demo"})
    assert [one.status for one in shell.world.jobs()] == ["cancelled"]


async def test_a_cancel_that_the_provider_has_yet_to_confirm_says_so(shell: Shell) -> None:
    """It is recorded, so this is no failure."""
    finetuning = await shell.world.created_and_training(alias="mine")
    shell.world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=500, times=9))
    told = await shell.stdout("finetunings", "cancel", "mine")
    assert told.splitlines()[-1].startswith(f"{finetuning.id} will be cancelled: ")  # after the server's log
    assert (await shell.world.read(finetuning)).status is FinetuningStatus.RUNNING


async def test_a_cancel_that_comes_too_late_is_refused(shell: Shell) -> None:
    """In the server's words."""
    finetuning = await shell.world.created_and_training()
    shell.world.sandbox.account.finish_job(str(finetuning.finetuning_job_id))
    result = await shell.run("finetunings", "cancel", str(finetuning.id))
    assert result.exit_code == 1
    assert (
        result.stderr == f"Error: Finetuning {finetuning.id} has already succeeded and cannot be cancelled.\n"
    )


async def test_one_is_deleted(shell: Shell) -> None:
    """After its cancel."""
    finetuning = await shell.world.created_and_training(alias="mine")
    assert await shell.stdout("finetunings", "delete", "mine") == f"{finetuning.id} is deleted\n"
    result = await shell.run("finetunings", "show", str(finetuning.id))
    assert (result.exit_code, result.stderr) == (3, f"Error: there is no finetuning {finetuning.id}\n")


def test_the_statuses_are_the_schemas() -> None:
    """In the order of a finetuning's life."""
    assert set(STATUSES) == {one.name for one in FinetuningStatus}


def test_a_parameter_is_a_number_or_auto() -> None:
    """Whole numbers stay whole."""
    convert = NumberOrAuto().convert
    assert [convert(text, None, None) for text in ("3", "0.5", "auto")] == [3, 0.5, "auto"]
    with pytest.raises(BadParameter, match="neither a number nor auto"):
        convert("many", None, None)


async def test_ambiguity_changes_nothing(shell: Shell) -> None:
    """Two finetunings with one alias are named, and neither is cancelled; more of the id is enough."""
    first, second = [await shell.world.create(alias="twin") for _ in range(2)]
    result = await shell.run("finetunings", "cancel", "twin")
    assert result.exit_code == 3
    assert f"{second.id} (twin), {first.id} (twin);" in result.stderr
    assert {(await shell.world.read(one)).status for one in (first, second)} == {"queued"}
    found = await shell.json("finetunings", "show", str(first.id)[:-1] + str(first.id)[-1])
    assert found["id"] == str(first.id)
