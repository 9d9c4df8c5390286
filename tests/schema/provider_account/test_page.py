"""The page about provider accounts: its documents do what it says."""

from typing import Any

from tests.schema.conftest import Client
from tests.snippets import ROOT, snippets

PAGE = ROOT / "docs" / "provider-accounts.md"


async def test_the_documents_of_the_page_make_an_account_try_it_and_train(client: Client) -> None:
    """Each with what the one before it answered."""
    (document,) = [one.text for one in snippets(PAGE) if one.language == "graphql"]
    database = str((await client.world.connection()).id)

    async def run(operation: str, **variables: Any) -> Any:
        result = await client.schema.execute(
            document, variable_values=variables, operation_name=operation, context_value=client.context()
        )
        assert result.errors is None
        assert result.data is not None
        (answer,) = result.data.values()
        return answer

    made = await run("Connect", apiKey="sk-of-the-page-0123")
    assert made["keyEnding"] == "0123"
    assert (await run("Try", account=made["id"]))["finding"] == "OK"
    trained = await run("Train", account=made["id"], database=database)
    assert trained["providerAccount"] == {"name": "research"}
    assert trained["baseLlm"] == {"modelName": "gpt-4.1-mini-2025-04-14"}
