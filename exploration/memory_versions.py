"""The versions of a document, each made and read only one time.

A schedule is run again from the start, so two of three writes make a version already known.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from bson import encode

from exploration.memory_stages import staged
from graphql_api.documents import Finetuning

Document = Mapping[str, Any]


class Versions:
    """Knows each version by its identity: no version is ever changed in place."""

    def __init__(self) -> None:
        self._first: dict[bytes, Document] = {}
        self._written: dict[tuple[int, bytes], Document] = {}
        self._kept: dict[int, Document] = {}
        self._read: dict[int, Finetuning] = {}

    def first(self, document: Document) -> Document:
        """Return the known version equal to the document by MongoDB's comparison."""
        return self._keep(self._first.setdefault(encode(document), document))

    def after(self, before: Document, pipeline: Sequence[Document]) -> Document:
        """Return the pipeline's result for a version."""
        write = id(self._keep(before)), encode({"stages": pipeline})
        if write not in self._written:
            self._written[write] = self._keep(reduce(staged, pipeline, before))
        return self._written[write]

    def read(self, version: Document) -> Finetuning:
        """Return the finetuning of this version; its callers never change it."""
        if id(version) not in self._read:
            self._read[id(self._keep(version))] = Finetuning.model_validate(version)
        return self._read[id(version)]

    def _keep(self, document: Document) -> Document:
        """Hold on to the document, so that no other one can get its identity."""
        return self._kept.setdefault(id(document), document)
