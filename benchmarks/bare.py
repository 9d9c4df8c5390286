"""The bare server: Starlette, pymongo and the OpenAI SDK.

It is written by hand and answers with the same bytes. All figures are relative to it: it has no GraphQL, no
models, no checks, and takes over no leases. It serves under the very command-line runner and uvicorn settings
of the server.
"""

import asyncio

import httpx2
import orjson
from bson import ObjectId
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.bare_documents import Json, closing, cursor_of, finetuning_json, intent
from graphql_api.cli import _run as run_command
from graphql_api.composition.server import answering, listen
from graphql_api.composition.settings import Settings
from graphql_api.store.database import connect

TENANT = "default"
NEWEST = [("created_at", -1), ("_id", -1)]


class BareEndpoints:
    """The three operations; each makes the same calls to MongoDB and the provider as the server."""

    def __init__(self, finetunings: AsyncCollection[Json], client: AsyncOpenAI) -> None:
        self._finetunings = finetunings
        self._jobs = client.fine_tuning.jobs.with_raw_response

    async def one(self, request: Request) -> Response:
        """Answer ``finetuning(id)``."""
        found = await self._finetunings.find_one(_key(request))
        return _answer({"finetuning": found and finetuning_json(found)})

    async def newest(self, request: Request) -> Response:
        """Answer ``finetunings(first)``."""
        first = int(request.query_params["first"])
        cursor = self._finetunings.find({"tenant": TENANT}).sort(NEWEST).limit(first + 1)
        found = await cursor.to_list()
        page = found[:first]
        info = {"hasNextPage": len(found) > first, "endCursor": cursor_of(page[-1])}
        return _answer({"finetunings": {"nodes": [*map(finetuning_json, page)], "pageInfo": info}})

    async def cancel(self, request: Request) -> Response:
        """Answer ``cancelFinetuning``: record the intent, cancel the job, read it back, close."""
        key = _key(request)
        asked = await self._update(
            {**key, "status": {"$in": ["queued", "running", "validating_files"]}}, **intent()
        )
        await self._jobs.cancel(asked["finetuning_job_id"])
        read_back = await self._jobs.retrieve(asked["finetuning_job_id"])
        job = orjson.loads(read_back.content)
        held = {**key, "lease.token": asked["lease"]["token"], "wanted": "cancel"}
        return _answer({"cancelFinetuning": finetuning_json(await self._update(held, **closing(job)))})

    async def _update(self, where: Json, *, fields: Json, event: Json) -> Json:
        changed = await self._finetunings.find_one_and_update(
            where, {"$set": fields, "$push": {"timeline": event}}, return_document=ReturnDocument.AFTER
        )
        assert changed is not None
        return changed


def _key(request: Request) -> Json:
    return {"_id": ObjectId(request.path_params["id"]), "tenant": TENANT}


def _answer(data: Json) -> Response:
    return Response(orjson.dumps({"data": data}), media_type="application/json")


def _open_sdk(settings: Settings) -> AsyncOpenAI:
    """Return a client with the server's limits: no retries, ten idle connections for three seconds."""
    assert settings.openai_api_key is not None
    http_client = DefaultAsyncHttpxClient(
        timeout=httpx2.Timeout(settings.openai_timeout_s),
        limits=httpx2.Limits(max_connections=50, max_keepalive_connections=10, keepalive_expiry=3.0),
        follow_redirects=False,
        trust_env=False,
    )
    return AsyncOpenAI(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        max_retries=0,
        http_client=http_client,
    )


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM."""
    assert settings.mongodb_uri is not None
    uri = settings.mongodb_uri.get_secret_value()
    async with connect(uri, timeout_s=settings.mongodb_timeout_s) as mongodb, _open_sdk(settings) as sdk:
        endpoints = BareEndpoints(mongodb[settings.mongodb_database]["finetunings"], sdk)
        app = Starlette(
            routes=[
                Route("/finetunings", endpoints.newest),
                Route("/finetunings/{id}", endpoints.one),
                Route("/finetunings/{id}/cancel", endpoints.cancel, methods=["POST"]),
            ]
        )
        with listen(settings.host, settings.port, unread_s=settings.keep_alive_s) as listener:
            async with answering(app, listener, settings=settings):
                await asyncio.Event().wait()


if __name__ == "__main__":
    run_command(serve)
