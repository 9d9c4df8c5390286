"""A tour of the API through the generated client: list, create, watch and cancel a finetuning."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

from finetuning_client import (
    AddGoldenRecordsInput,
    CancellationPhase,
    Client,
    CreateDbConnectionInput,
    CreateFinetuningInput,
    FinetuningState,
    FinetuningStatus,
    GoldenRecordInput,
    GraphQLClientGraphQLMultiError,
    GraphQLClientHttpError,
    TimelineEntry,
)
from websockets import ConnectionClosed

URL = "http://127.0.0.1:8000"
RECONNECT_S = 1.0
LONGEST_ANSWER_S = 30.0
"""A cancel waits for the provider before it answers, with the server's defaults for up to ten seconds."""
TABLE = "CREATE TABLE book (id int, title text)"
QUESTIONS = [(f"What is book {n} called?", f"SELECT title FROM book WHERE id = {n}") for n in range(1, 11)]  # noqa: S608 - training text, never run
UNAUTHENTICATED = 401
CREDENTIAL_ENDED = 4403
"""The server's close code for a credential that it does not take: the same one again is no use."""
ENDED = {FinetuningStatus.SUCCEEDED, FinetuningStatus.FAILED, FinetuningStatus.CANCELLED}
OUTCOMES = {
    CancellationPhase.REQUESTED: "recorded for good; the provider has not confirmed yet and may still train",
    CancellationPhase.CONFIRMED: "cancelled; nothing is trained any more",
    CancellationPhase.OVERTAKEN: "it had finished first: nothing was cancelled",
    CancellationPhase.UNCONFIRMED: "closed, but not beyond doubt: the provider could not confirm it",
}


async def tour(client: Client) -> None:
    """List the finetunings, train something, and cancel it as soon as the training runs."""
    await print_finetunings(client)
    connection_id = await some_connection(client)
    given = CreateFinetuningInput(db_connection_id=connection_id, metadata={"team": "search"})
    created = await client.create_finetuning(given)
    print(f"created {created.alias} ({created.id}) on {created.base_llm.model_name}")
    await watch(client, created.id, until=FinetuningStatus.RUNNING)
    print(f"cancel: {await cancel(client, created.id)}")
    await watch(client, created.id, until=FinetuningStatus.CANCELLED)
    print(f"cancel once more: {await cancel(client, created.id)}")


async def print_finetunings(client: Client) -> None:
    """Print every finetuning, page by page."""
    cursor: str | None = None
    while True:
        page = await client.finetunings(first=100, after=cursor)
        for one in page.nodes:
            print(f"{one.created_at:%Y-%m-%d %H:%M}  {one.status.value:<16}  {one.alias}")
        if not page.page_info.has_next_page:
            return
        cursor = page.page_info.end_cursor


async def some_connection(client: Client) -> str:
    """Return the newest database connection, or a new one with golden records to train on."""
    page = await client.db_connections()
    if page.nodes:
        return page.nodes[0].id
    given = CreateDbConnectionInput(alias="books", dialect="postgres", table_schemas=[TABLE])
    connection = await client.create_db_connection(given)
    records = [GoldenRecordInput(prompt_text=question, sql=sql) for question, sql in QUESTIONS]
    await client.add_golden_records(
        AddGoldenRecordsInput(db_connection_id=connection.id, golden_records=records)
    )
    return connection.id


async def watch(client: Client, finetuning_id: str, *, until: FinetuningStatus) -> None:
    """Print the finetuning's events until it has the status, or has ended otherwise."""
    async with aclosing(events(client, finetuning_id)) as told:
        async for event in told:
            status = event.status
            print(f"  {event.at:%H:%M:%S}  {event.kind.value:<18} {status.value if status else ''}".rstrip())
            if status is until or status in ENDED:
                return


async def events(client: Client, finetuning_id: str) -> AsyncGenerator[TimelineEntry, None]:
    """Yield each event once, across lost connections: the cursor says where to go on."""
    cursor: str | None = None
    while True:
        try:
            async for delivery in client.finetuning_events(finetuning_id, after=cursor):
                cursor = delivery.cursor
                yield delivery.event
        except (ConnectionClosed, OSError) as broken:
            if isinstance(broken, ConnectionClosed) and broken.rcvd and broken.rcvd.code == CREDENTIAL_ENDED:
                raise
            print(f"  the connection broke off ({type(broken).__name__}), trying again")
        await asyncio.sleep(RECONNECT_S)


async def cancel(client: Client, finetuning_id: str) -> str:
    """Cancel the finetuning and return the result in words."""
    try:
        finetuning = await client.cancel_finetuning(
            finetuning_id, metadata={"reason": "only a tour"}, timeout=LONGEST_ANSWER_S
        )
    except GraphQLClientGraphQLMultiError as refusal:
        return in_words(refusal)
    return outcome(finetuning)


def outcome(finetuning: FinetuningState) -> str:
    """Return how far the finetuning's cancel has come, and no more than is known."""
    cancellation = finetuning.cancellation
    if cancellation is None:
        return f"nobody has asked for it; it is {finetuning.status.value}"
    trouble = f" ({cancellation.last_error})" if cancellation.last_error else ""
    return f"{finetuning.status.value}, {cancellation.phase.value}: {OUTCOMES[cancellation.phase]}{trouble}"


def in_words(refusal: GraphQLClientGraphQLMultiError) -> str:
    """Return the code and the message of each error; both are meant for people to read."""
    return "; ".join(f"{(error.extensions or {}).get('code')}: {error.message}" for error in refusal.errors)


def client_of(url: str, token: str | None) -> Client:
    """Return a client of the server; it shows the credential, if any, over HTTP and over WebSocket."""
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(
        url=f"{url}/graphql",
        headers=shown,
        ws_url=f"{url.replace('http', 'ws', 1)}/graphql",
        ws_connection_init_payload=shown,
    )


def arguments() -> argparse.Namespace:
    """Return the arguments; a credential in the environment stays out of the list of processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default=URL, help="the server's address")
    parser.add_argument(
        "--token", default=os.environ.get("GRAPHQL_API_TOKEN"), help="your credential (GRAPHQL_API_TOKEN)"
    )
    return parser.parse_args()


async def main() -> None:
    """Take the tour at the server of this address."""
    given = arguments()
    async with client_of(given.url, given.token) as client:
        try:
            await tour(client)
        except GraphQLClientGraphQLMultiError as refusal:
            sys.exit(in_words(refusal))
        except GraphQLClientHttpError as refusal:
            advice = ": it wants a credential, see --token" if refusal.status_code == UNAUTHENTICATED else ""
            sys.exit(f"the server answers {refusal.status_code}{advice}")
        except ConnectionClosed as closed:
            sys.exit(f"the credential has ended: {closed}")


if __name__ == "__main__":
    asyncio.run(main())
