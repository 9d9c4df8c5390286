"""Every field without its scope, asked for by its own tenant: the scope is named, and nothing happens."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from graphql_api.schema import build_schema
from graphql_api.schema.execution.authorization import declarations
from graphql_api.scopes import ALL_SCOPES
from tests.schema.tenants.estate import Estate
from tests.schema.tenants.test_fields import MAKES
from tests.schema.tenants.trials import TRIALS
from tests.watched import Watcher

DECLARED = declarations(build_schema()._schema)
UNDER = "mutation($x: ID!) { cancelFinetuning(finetuningId: $x) { providerAccount { id } } }"
SINGLE = "query($x: ID!) { finetuning(id: $x) { dbConnection { id } } }"
DOCUMENTS = {
    "Finetuning.dbConnection": [(SINGLE, "training")],
    "Finetuning.providerAccount": [(UNDER, "training")],
    "Query.sqlCheck": [("{ sqlCheck }", "connection")],
    **{field: [(f"mutation {{ {call} }}", "key")] for field, (call, _) in MAKES.items()},
}
"""Beside the trials: a document for a field, and what it names."""


def documents_of(field: str) -> Iterator[tuple[str, str]]:
    """Yield the documents with this field, and what each names."""
    yield from DOCUMENTS.get(field, ())
    for trial in TRIALS:
        if trial.place.startswith(f"{field}("):
            yield from ((trial.document, name) for name in trial.names)


OPEN = {"Query.node", "Query.viewer"}
"""The fields of every caller; a node has a test of its own, by its types."""


def test_every_declared_field_has_its_document() -> None:
    """All but those that are open to every caller want one scope."""
    assert {field for field, needs in DECLARED.items() if needs == frozenset({frozenset()})} == OPEN
    assert [field for field in set(DECLARED) - OPEN if not list(documents_of(field))] == []


@pytest.mark.parametrize("field", sorted(set(DECLARED) - OPEN))
async def test_a_missing_scope_is_named_and_nothing_happens(
    theirs: Estate, watcher: Watcher, field: str
) -> None:
    """No command at MongoDB, no call at the provider, no wake of the worker."""
    ((needed,),) = DECLARED[field]
    client = replace(theirs.client, caller=replace(theirs.client.caller, scopes=ALL_SCOPES - {needed}))
    limited = replace(theirs, client=client)
    names = {name: ids[0].text for name, ids in theirs.names.items()}
    own = {"own": names["connection"], "record": names["record"], "training": names["training"]}
    sandbox, wakes = client.world.sandbox, len(client.wakes)
    calls = len(sandbox.calls.find())
    watcher.seen.clear()
    for document, name in documents_of(field):
        answer = (await limited.told(document, x=names[name], named=names["training"], **own)).decode()
        assert f'"message":"{field} requires the scope {needed}."' in answer
        assert f'"field":"{field}","requiredScopes":[["{needed}"]],"code":"FORBIDDEN"' in answer
        assert answer.startswith("[null," if not document.startswith("subscription") else "[[null,")
    assert watcher.seen == []
    assert (len(sandbox.calls.find()), len(client.wakes)) == (calls, wakes)
