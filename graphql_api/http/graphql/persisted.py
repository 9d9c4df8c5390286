"""Documents by name: automatic persisted queries and trusted documents."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import orjson

from graphql_api.bounded_cache import BoundedCache
from graphql_api.document_errors import (
    DocumentNotInListError,
    PersistedQueryNotFoundError,
    PersistedQueryNotSupportedError,
)
from graphql_api.http.graphql.request import GraphQLRequest, IllFormedRequestError

KEPT_CHARACTERS = 5_000_000
"""The most query text kept for clients sending hashes; they send an evicted text again."""
ENTRY_CHARACTERS = 350
"""The memory of an entry besides its hash and its text: 330 bytes, measured with CPython 3.11."""
SHA256 = "sha256:"


class Documents(Protocol):
    """The source of a request's text."""

    def text(self, asked: GraphQLRequest) -> str:
        """Return the text to run; raises ``ExpectedError``."""
        ...


class SentDocuments:
    """Takes the sent text; asks clients sending hashes for documents."""

    def text(self, asked: GraphQLRequest) -> str:
        """Return the request's own text."""
        if not asked.query and _name(asked):
            raise PersistedQueryNotSupportedError
        return _sent(asked)


class AutomaticDocuments:
    """Keeps each text sent with its hash, for later requests with the hash alone (Apollo's protocol)."""

    def __init__(self) -> None:
        self._texts: BoundedCache[str] = BoundedCache(
            most_characters=KEPT_CHARACTERS, entry_characters=ENTRY_CHARACTERS
        )

    def text(self, asked: GraphQLRequest) -> str:
        """Return the request's text, for a hash alone the text of an earlier request."""
        hash_ = _name(asked)
        if hash_ is None:
            return _sent(asked)
        if asked.query:
            if sha256(asked.query.encode()).hexdigest() != hash_:
                named_by = "documentId" if asked.document_id else "sha256Hash"
                raise IllFormedRequestError(f"The provided {named_by} does not match the query.")
            self._texts.keep(hash_, asked.query, text=asked.query)
            return asked.query
        if (kept := self._texts.get(hash_)) is None:
            raise PersistedQueryNotFoundError
        return kept


class TrustedDocuments:
    """Knows the allowed documents by their names; the schema refuses any other text."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def text(self, asked: GraphQLRequest) -> str:
        """Return the named text, or without a name the sent one."""
        name = _name(asked)
        if name is None:
            return _sent(asked)
        if name not in self._texts:
            raise DocumentNotInListError(name)
        return self._texts[name]


def documents_from(trusted: Mapping[str, str] | None, *, automatic: bool) -> Documents:
    """Return the source of texts: the trusted list if given."""
    if trusted is not None:
        return TrustedDocuments(trusted)
    return AutomaticDocuments() if automatic else SentDocuments()


def read_trusted(file: Path) -> dict[str, str]:
    """Return the documents of a list by their bare names; raises ``OSError`` or ``ValueError``."""
    texts = orjson.loads(file.read_bytes())
    if not isinstance(texts, dict) or not texts or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("it must be a JSON object of documents by their hashes")
    named = {name.removeprefix(SHA256): text for name, text in texts.items()}
    if len(named) < len(texts):
        raise ValueError(f"a hash must not be there both with {SHA256!r} before it and without")
    return named


def _sent(asked: GraphQLRequest) -> str:
    if not asked.query:
        raise IllFormedRequestError("There is no `query`.")
    return asked.query


def _name(asked: GraphQLRequest) -> str | None:
    """Return the name of the document: its id, or the hash in Apollo's extension."""
    if asked.document_id:
        return asked.document_id.removeprefix(SHA256)
    persisted: Any = (asked.extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or not isinstance(persisted.get("sha256Hash"), str):
        raise IllFormedRequestError(
            "`extensions.persistedQuery` must be an object with a string `sha256Hash`."
        )
    if persisted.get("version") != 1:
        raise IllFormedRequestError("`extensions.persistedQuery.version` must be 1.")
    hash_: str = persisted["sha256Hash"]
    return hash_
