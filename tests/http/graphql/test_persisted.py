"""Requests with a name for their document.

The document is kept by its hash, or is on a list of trusted ones.
"""

import gc
import json
import tracemalloc
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from graphql_api.composition.start_error import StartError
from graphql_api.document_errors import (
    PersistedQueryNotFoundError,
)
from graphql_api.http.graphql.persisted import KEPT_CHARACTERS, AutomaticDocuments
from graphql_api.http.graphql.request import GraphQLRequest
from tests.http.conftest import quick_client_of
from tests.world import World

QUERY = "query Hello { __typename }"
HASH = sha256(QUERY.encode()).hexdigest()
ANSWER = {"data": {"__typename": "Query"}}


def persisted(hash_: object = HASH, **members: Any) -> dict[str, Any]:
    """Return a request as Apollo's clients send it."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}, **members}


async def error_of(http: httpx2.AsyncClient, body: dict[str, Any], *, status: int = 200) -> tuple[str, str]:
    """Return message and code of the one error that the request gets."""
    response = await http.post("/graphql", json=body)
    assert response.status_code == status
    assert "data" not in response.json()
    (error,) = response.json()["errors"]
    return error["message"], error["extensions"]["code"]


class TestOff:
    """Nothing is kept without a setting for it."""

    async def test_a_hash_alone_is_not_supported(self, quick_http: httpx2.AsyncClient) -> None:
        """In the words for clients to send documents from then on."""
        refused = ("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        assert await error_of(quick_http, persisted()) == refused
        assert await error_of(quick_http, {"documentId": f"sha256:{HASH}"}) == refused

    async def test_a_document_is_run_whatever_comes_with_it(self, quick_http: httpx2.AsyncClient) -> None:
        """And is not kept."""
        response = await quick_http.post("/graphql", json=persisted(query=QUERY))
        assert response.json() == ANSWER
        assert (await error_of(quick_http, persisted()))[1] == "PERSISTED_QUERY_NOT_SUPPORTED"


class TestAutomatic:
    """Apollo's automatic persisted queries."""

    @pytest.fixture
    async def http(self, world: World) -> AsyncIterator[httpx2.AsyncClient]:
        """Yield a client of a server that keeps documents."""
        async with quick_client_of(world, persisted_queries="automatic") as http:
            yield http

    async def test_the_hash_is_enough_once_the_document_was_sent(self, http: httpx2.AsyncClient) -> None:
        """By POST and by GET; before, the client is told to send it."""
        not_found = ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        assert await error_of(http, persisted()) == not_found
        assert (await http.post("/graphql", json=persisted(query=QUERY))).json() == ANSWER
        assert (await http.post("/graphql", json=persisted())).json() == ANSWER
        extensions = json.dumps(persisted()["extensions"])
        assert (await http.get("/graphql", params={"extensions": extensions})).json() == ANSWER

    async def test_a_wrong_hash_keeps_nothing(self, http: httpx2.AsyncClient) -> None:
        """Else somebody could put another document under the hash of one's own."""
        wrong = persisted(query="{ a: __typename }")
        mismatch = ("The provided sha256Hash does not match the query.", "BAD_REQUEST")
        assert await error_of(http, wrong, status=400) == mismatch
        assert (await error_of(http, persisted()))[1] == "PERSISTED_QUERY_NOT_FOUND"

    async def test_a_document_id_is_its_hash(self, http: httpx2.AsyncClient) -> None:
        """Another one is refused by the name that the client has for it; the hash is kept as any other."""
        mismatch = ("The provided documentId does not match the query.", "BAD_REQUEST")
        assert await error_of(http, {"documentId": "foo", "query": QUERY}, status=400) == mismatch
        named = {"documentId": f"sha256:{HASH}"}
        assert (await http.post("/graphql", json={**named, "query": QUERY})).json() == ANSWER
        assert (await http.post("/graphql", json=named)).json() == ANSWER

    @pytest.mark.parametrize(
        "extension",
        [1, {}, {"version": 1, "sha256Hash": 5}, {"version": 2, "sha256Hash": HASH}, {"sha256Hash": HASH}],
    )
    async def test_another_protocol_is_refused(self, http: httpx2.AsyncClient, extension: object) -> None:
        """There is one version of it."""
        body = {"query": QUERY, "extensions": {"persistedQuery": extension}}
        assert (await error_of(http, body, status=400))[1] == "BAD_REQUEST"

    async def test_a_mutation_by_its_hash_is_not_run_by_get(self, http: httpx2.AsyncClient) -> None:
        """It is the operation that counts."""
        mutation = "mutation { __typename }"
        body = persisted(sha256(mutation.encode()).hexdigest(), query=mutation)
        assert (await http.post("/graphql", json=body)).status_code == 200
        response = await http.get("/graphql", params={"extensions": json.dumps(body["extensions"])})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")

    def test_what_is_kept_is_bounded(self) -> None:
        """The oldest go; a client sends them again."""
        documents = AutomaticDocuments()
        texts = [f"{{ a{n}: __typename }} #{'x' * 1_000_000}" for n in range(6)]
        for text in texts:
            assert documents.text(_asked(text)) == text
        kept = [text for text in texts if _is_kept(documents, text)]
        assert KEPT_CHARACTERS == 5_000_000
        assert [text[:4] for text in kept] == [text[:4] for text in texts[2:]]

    def test_texts_however_short_take_no_more_memory(self) -> None:
        """A hash and an entry's overhead count, too: it is as many bytes as characters at most."""
        documents = AutomaticDocuments()
        gc.collect()
        tracemalloc.start()
        for number in range(30_000):
            documents.text(_asked(f"{number:x}"))
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert KEPT_CHARACTERS / 2 < taken < KEPT_CHARACTERS


def _asked(text: str, *, query: bool = True) -> GraphQLRequest:
    extensions = persisted(sha256(text.encode()).hexdigest())["extensions"]
    return GraphQLRequest(query=text if query else None, extensions=extensions)


def _is_kept(documents: AutomaticDocuments, text: str) -> bool:
    try:
        return documents.text(_asked(text, query=False)) == text
    except PersistedQueryNotFoundError:
        return False


class TestTrusted:
    """A list of documents, as graphql-codegen writes it, is all that is run."""

    @pytest.fixture
    async def http(self, world: World, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
        """Yield a client of a server with a list."""
        file = tmp_path / "persisted-documents.json"
        file.write_text(json.dumps({HASH: QUERY, "0a1b2c": "query Bye { a: __typename }"}))
        async with quick_client_of(world, trusted_documents=file, persisted_queries="automatic") as http:
            yield http

    async def test_a_document_on_the_list_is_run(self, http: httpx2.AsyncClient) -> None:
        """By its id, with the hash's kind before it or not, by Apollo's extension, or sent in full."""
        for body in ({"documentId": HASH}, {"documentId": f"sha256:{HASH}"}, persisted(), {"query": QUERY}):
            assert (await http.post("/graphql", json=body)).json() == ANSWER
        assert (await http.get("/graphql", params={"documentId": "0a1b2c"})).json() == {
            "data": {"a": "Query"}
        }

    async def test_the_hashs_kind_may_stand_in_the_list(self, world: World, tmp_path: Path) -> None:
        """A document is found all the same, with it or without."""
        file = tmp_path / "persisted-documents.json"
        file.write_text(json.dumps({f"sha256:{HASH}": QUERY}))
        async with quick_client_of(world, trusted_documents=file) as http:
            for body in ({"documentId": HASH}, {"documentId": f"sha256:{HASH}"}, persisted()):
                assert (await http.post("/graphql", json=body)).json() == ANSWER

    async def test_no_other_name_is_known(self, http: httpx2.AsyncClient) -> None:
        """Nor does one become known."""
        unknown = "{ __typename }"
        hash_ = sha256(unknown.encode()).hexdigest()
        not_in_list = "PERSISTED_QUERY_NOT_IN_LIST"
        assert await error_of(http, {"documentId": "nope"}) == (
            "There is no trusted document 'nope'.",
            not_in_list,
        )
        assert (await error_of(http, persisted(hash_, query=unknown)))[1] == not_in_list
        assert (await error_of(http, persisted(hash_)))[1] == not_in_list

    async def test_no_other_text_is_run(self, world: World, http: httpx2.AsyncClient) -> None:
        """Not even one that means the same."""
        queued = await world.create()
        cancel = f'mutation {{ cancelFinetuning(finetuningId: "{queued.id}") {{ id }} }}'
        for query in (cancel, QUERY + " ", "{ __schema { queryType { name } } }"):
            refused = (
                "Only trusted documents run here, and this is not one of them.",
                "QUERY_NOT_IN_SAFELIST",
            )
            assert await error_of(http, {"query": query}) == refused
        assert (await world.read(queued)).cancellation is None

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"a": 1}', "{", '{"a": "{b}", "sha256:a": "{c}"}'])
    async def test_a_list_that_cannot_be_read_stops_the_start(
        self, world: World, tmp_path: Path, content: str
    ) -> None:
        """A server without its list would run nothing, or worse, everything."""
        file = tmp_path / "list.json"
        file.write_text(content)
        with pytest.raises(StartError, match=r"^TRUSTED_DOCUMENTS: [^\n]+$"):
            async with quick_client_of(world, trusted_documents=file):
                pass

    async def test_a_list_that_is_missing_stops_the_start(self, world: World, tmp_path: Path) -> None:
        """The same."""
        with pytest.raises(StartError, match=r"TRUSTED_DOCUMENTS: .*No such file"):
            async with quick_client_of(world, trusted_documents=tmp_path / "nope.json"):
                pass
