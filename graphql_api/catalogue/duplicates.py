"""Recognises and treats golden records with the same content."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graphql_api.documents import GoldenRecord, GoldenRecordWarning, GoldenRecordWarningCode, ObjectId
from graphql_api.store.reads import records_alike


@dataclass(slots=True)
class Known:
    """The earlier records: one id for each ``digest``, and the set of their ``exact_digest``."""

    ids: dict[str, ObjectId] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)

    def add(self, record_id: ObjectId, *, digest: str, exact_digest: str) -> None:
        """Remember a record."""
        self.ids.setdefault(digest, record_id)
        self.exact.add(exact_digest)


def digests(prompt_text: str, sql: str, metadata: Mapping[str, str] | None) -> dict[str, str]:
    """Return the digests of a record by the names of their fields.

    ``digest`` ignores spaces, a semicolon at the end, and the question's upper and lower case;
    ``exact_digest`` ignores only the order of the metadata.
    """
    question = _spaced(prompt_text).casefold()
    return {
        "digest": _sha256([question, _spaced(sql).rstrip("; ")]),
        "exact_digest": _sha256([prompt_text, sql, metadata]),
    }


async def known_to_connection(records: Sequence[GoldenRecord]) -> Known:
    """Return their connection's other records with the same digests."""
    known = Known()
    for one in await records_alike(records):
        known.add(one.id, digest=one.digest, exact_digest=one.exact_digest)
    return known


def told_apart(records: Iterable[GoldenRecord], known: Known, *, skips: bool) -> list[GoldenRecord]:
    """Return the records, with a warning on each duplicate, and add them to ``known``.

    With ``skips`` exact duplicates are left out.
    """
    told = []
    for one in records:
        twin, is_copy = known.ids.get(one.digest), one.exact_digest in known.exact
        if is_copy and skips:
            continue
        warnings = [w for w in one.warnings if w.code is not GoldenRecordWarningCode.DUPLICATE]
        told.append(
            one.model_copy(
                update={
                    "copy_id": one.id if is_copy else None,
                    "warnings": [*warnings, *([_duplicate(twin)] if twin else [])],
                }
            )
        )
        known.add(one.id, digest=one.digest, exact_digest=one.exact_digest)
    return told


def _duplicate(twin: ObjectId) -> GoldenRecordWarning:
    message = f"Golden record {twin} of this connection has the same question and SQL."
    return GoldenRecordWarning(code=GoldenRecordWarningCode.DUPLICATE, message=message)


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def _sha256(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
