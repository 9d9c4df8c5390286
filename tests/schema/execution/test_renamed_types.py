"""Documents of clients that were written before a type got its present name."""

import pytest
from graphql import GraphQLSchema, build_schema, parse, print_ast

from graphql_api.schema import schema_sdl
from graphql_api.schema.execution.renamed_types import RENAMED, with_present_names
from tests.schema.conftest import Client

CANCEL = """mutation($id: ID!, $m: JSON) {
    cancelFinetuning(finetuningId: $id, metadata: $m) { metadata }
}"""


@pytest.fixture(scope="module")
def published() -> GraphQLSchema:
    """Yield the schema as clients see it."""
    return build_schema(schema_sdl())


def test_a_variable_gets_the_present_name_of_its_type() -> None:
    """In lists, too; nothing else of the document changes."""
    document = parse("query A($a: JSON!, $b: [JSON!]!, $c: ID) { JSON } query B { a(b: JSON) }")
    assert print_ast(with_present_names(document)) == print_ast(
        parse("query A($a: StringMap!, $b: [StringMap!]!, $c: ID) { JSON } query B { a(b: JSON) }")
    )


def test_an_old_name_is_no_present_type(published: GraphQLSchema) -> None:
    """Else its clients would get another type than they name."""
    for old, new in RENAMED.items():
        assert old not in published.type_map
        assert new in published.type_map


@pytest.mark.parametrize("name", ["JSON", "StringMap"])
async def test_a_document_with_the_old_name_runs(client: Client, name: str) -> None:
    """And does what one with the present name does."""
    created = await client.world.create()
    data = await client.data(CANCEL.replace("JSON", name), id=str(created.id), m={"why": "late"})
    assert data == {"cancelFinetuning": {"metadata": {"why": "late"}}}
