"""The look-ups of provider accounts."""

from tests.accounts.stage import account_of, training
from tests.schema.conftest import Client

LIST = "{ providerAccounts { nodes { id name } } }"
OF_FINETUNING = "query($id: ID!) { finetuning(id: $id) { providerAccountId providerAccount { name } } }"


async def test_accounts_are_listed_the_newest_first(client: Client) -> None:
    """And found one by one."""
    made = [await account_of(client.world, name=name) for name in ("first", "second")]
    listed = (await client.data(LIST))["providerAccounts"]["nodes"]
    assert listed == [{"id": str(one.id), "name": one.name} for one in reversed(made)]
    one = await client.data("query($id: ID!) { providerAccount(id: $id) { name } }", id=str(made[0].id))
    assert one == {"providerAccount": {"name": "first"}}


async def test_a_finetuning_shows_its_account(client: Client) -> None:
    """Null stands for the server's own."""
    world = client.world
    under = await training(world, await account_of(world), caller=world.caller)
    own = await world.create()
    assert (await client.data(OF_FINETUNING, id=str(under.id)))["finetuning"] == {
        "providerAccountId": str(under.provider_account_id),
        "providerAccount": {"name": "theirs"},
    }
    assert (await client.data(OF_FINETUNING, id=str(own.id)))["finetuning"] == {
        "providerAccountId": None,
        "providerAccount": None,
    }
