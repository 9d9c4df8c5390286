"""The steps before an execution.

They are limits, validation, the choice of the operation, and the cache.
"""

import asyncio
import gc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
import strawberry
from graphql import GraphQLError, get_introspection_query
from strawberry.types.execution import ExecutionResult, PreExecutionError

from graphql_api.caller import ANONYMOUS
from graphql_api.schema import Schema
from graphql_api.schema.execution.limits import Limits
from graphql_api.schema.execution.long_texts import SHORT_CHARACTERS, LongTexts
from graphql_api.schema.execution.preparation import CACHED_CHARACTERS, MOST_ERRORS, Preparations
from graphql_api.schema.requires import requires
from graphql_api.schema.workload import Workload
from graphql_api.turns import LoopTurns
from tests.schema.conftest import Client, many, told

T = TypeVar("T")

PAGES = """query Pages($first: Int) { finetunings(first: $first) { nodes {
    events(first: 100) { nodes { kind message at } } } } }"""
TWO = "query A { a: __typename } query B { b: __typename }"


@strawberry.type
class Tiny:
    """The smallest schema there is."""

    @strawberry.field(directives=requires())
    def one(self) -> int:
        """Return the number."""
        return 1


ASKER = SimpleNamespace(caller=ANONYMOUS, workload=Workload(), turns=LoopTurns())
TOO_MUCH: dict[str, tuple[str, dict[str, Any]]] = {
    "depth": ("{ a " * 21 + "}" * 21, {"limit": "depth", "found": 21, "most": 20}),
    "aliases": (f"{{ {many(101, '__typename')} }}", {"limit": "aliases", "found": 101, "most": 100}),
    "fields": ("{ " + "__typename " * 401 + "}", {"limit": "fields", "found": 401, "most": 400}),
    "directives": (
        "{ __typename @a @a @a @a @a @a }",
        {"limit": "directives", "found": 6, "most": 5},
    ),
    "cost": (
        "{ finetunings(first: 100) { nodes { events(first: 100) { nodes { id message } } } } }",
        {"limit": "cost", "found": 2 + 100 * (5 + 2 + 100 * 2), "most": 20_000},
    ),
}


@pytest.mark.parametrize(("query", "details"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_what_is_too_much_is_refused_before_validation(
    client: Client, query: str, details: dict[str, Any]
) -> None:
    """One error, however many other faults it has: there was no look for those."""
    name, found, most = details.values()
    message = f"The operation is too complex: {name} {found}, at most {most} allowed."
    assert await client.refusal(query) == {"code": "QUERY_TOO_COMPLEX", "message": message, **details}


async def test_the_page_size_of_a_request_counts(client: Client) -> None:
    """Each time anew, though the document is the same; without it, the largest page does."""
    found = {"code": "QUERY_TOO_COMPLEX", "limit": "cost", "most": 20_000}
    for _ in range(2):
        assert await client.data(PAGES, first=60) == {"finetunings": {"nodes": []}}
        for variables in ({"first": 100}, {"first": None}, {}):
            refusal = await client.refusal(PAGES, **variables)
            assert refusal == {**refusal, **found, "found": 2 + 100 * (5 + 2 + 100 * 3)}


async def test_introspection_is_answered(client: Client) -> None:
    """With all that GraphiQL and the code generators ask for."""
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )
    assert (await client.data(query))["__schema"]["queryType"]["name"] == "Query"


async def test_circular_introspection_is_refused(client: Client) -> None:
    """It is small, and its answer would not be."""
    circle = "fields { type { " * 4
    query = f"{{ __schema {{ types {{ {circle} name {'}' * 8} }} }} }}"
    assert (await client.refusal(query))["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_fragments_in_a_circle_are_invalid(client: Client) -> None:
    """They are told as circles."""
    circle = "fragment A on Query { ...B } fragment B on Query { ...A }"
    assert await client.refusal("{ ...A } " + circle) == {
        "code": "GRAPHQL_VALIDATION_FAILED",
        "message": "Cannot spread fragment 'A' within itself.",
    }


async def test_tokens_are_counted_while_they_are_read(client: Client) -> None:
    """A too long text is not even parsed to its end."""
    refusal = await client.refusal("{ " + "__typename " * 5000 + "}")
    assert refusal["code"] == "GRAPHQL_PARSE_FAILED"
    assert "5000 tokens" in refusal["message"]


async def test_a_text_that_is_too_long_is_not_read(client: Client) -> None:
    """For any content, any named operation, and any transport."""
    extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "characters", "found": 100_001, "most": 100_000}
    for query in ("{ __typename }".ljust(100_001), "(" * 100_001):
        result = await client.schema.execute(query, operation_name="A", context_value=ASKER)
        assert [error.extensions for error in result.errors or []] == [extensions]
        assert (await streamed(client.schema, query, operation_name="A")).extensions == extensions
    assert await client.data("{ __typename }".ljust(100_000)) == {"__typename": "Query"}


async def test_few_of_many_mistakes_are_told(client: Client) -> None:
    """Each has its place, found by reading the text before it."""
    _, errors = await client.ask("\n" * 90_000 + "{ " + " ".join(f"x{n}" for n in range(150)) + " }")
    assert {error["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert len(errors) == MOST_ERRORS + 1
    assert errors[-1]["message"].startswith("Too many validation errors")


async def test_the_operation_has_to_be_chosen(client: Client) -> None:
    """By its name, if there are several; the document is cached all the same."""
    for _ in range(2):
        assert (await client.refusal(TWO))["code"] == "OPERATION_RESOLUTION_FAILURE"
        result = await client.schema.execute(TWO, operation_name="B", context_value=ASKER)
        assert (result.data, result.errors) == ({"b": "Query"}, None)


async def streamed(schema: strawberry.Schema, query: str, **options: Any) -> GraphQLError:
    """Return the one error at a streaming transport."""
    (result,) = [one async for one in await schema.stream(query, **options)]
    assert isinstance(result, PreExecutionError)
    (error,) = result.errors or []
    return error


async def test_an_operation_is_chosen_for_a_stream_too(client: Client) -> None:
    """The transports that stream go through the same preparation."""
    error = await streamed(client.schema, TWO)
    assert error.extensions == {"code": "OPERATION_RESOLUTION_FAILURE"}
    unknown = await streamed(client.schema, TWO, operation_name="C")
    assert unknown.message == 'There is no operation named "C" in the document.'
    assert (await streamed(client.schema, "{")).extensions == {"code": "GRAPHQL_PARSE_FAILED"}
    disallowed = await streamed(client.schema, "{ __typename }", allowed_operation_types=[])
    assert disallowed.extensions == {"code": "METHOD_NOT_ALLOWED"}


async def test_an_error_of_a_stream_is_told_once(client: Client) -> None:
    """Its code stays the same when the operation ends after its result."""
    query = 'mutation { cancelFinetuning(finetuningId: "65f0c0ffee65f0c0ffee65f0") { id } }'
    (result,) = [one async for one in await client.schema.stream(query, context_value=client.context())]
    assert isinstance(result, ExecutionResult)
    assert [error["code"] for error in told(result)] == ["FINETUNING_NOT_FOUND"]


async def test_a_document_that_may_run_is_prepared_once() -> None:
    """Its parsed form is kept; that of others is not, so they push nothing out."""
    preparations = Preparations(limits=Limits(depth=2))
    schema = Schema(query=Tiny, extensions=[preparations.step])
    assert (await schema.execute("{ one }", context_value=ASKER)).data == {"one": 1}
    kept = preparations.cache.get("{ one }")
    assert kept is not None
    assert (await schema.execute("{ one }", context_value=ASKER)).data == {"one": 1}
    assert preparations.cache.get("{ one }") is kept
    for bad in ("{", "{ two }", "{ a { b { c } } }"):
        assert (await schema.execute(bad, context_value=ASKER)).data is None
    assert len(preparations.cache) == 1


async def test_what_is_kept_is_bounded() -> None:
    """By its length, as its memory is."""
    preparations = Preparations(limits=Limits())
    schema = Schema(query=Tiny, extensions=[preparations.step])
    for n in range(30):
        padded = f"{{ a{n}: one }} #{'x' * 50_000}"
        assert (await schema.execute(padded, context_value=ASKER)).data == {f"a{n}": 1}
    assert len(preparations.cache) == CACHED_CHARACTERS // 50_000 - 1


async def test_only_trusted_documents_run_if_there_are_any() -> None:
    """To the letter, by whatever transport they come."""
    schema = Schema(
        query=Tiny, extensions=[Preparations(limits=Limits(), trusted=frozenset({"{ one }"})).step]
    )
    assert (await schema.execute("{ one }", context_value=ASKER)).data == {"one": 1}
    for other in ("{one}", "{ __typename }", "{ nope }"):
        (error,) = (await schema.execute(other, context_value=ASKER)).errors or []
        assert error.extensions == {"code": "QUERY_NOT_IN_SAFELIST"}
        assert (await streamed(schema, other)).extensions == {"code": "QUERY_NOT_IN_SAFELIST"}


LONG = "{ " + "__typename " * 4_800 + "}"
"""A text within the limit of tokens, and over the limit of fields."""


async def test_the_loop_goes_on_beside_a_long_text(client: Client) -> None:
    """A short text is prepared at once: nothing else runs meanwhile."""
    rounds = dict[str, int]()
    for query in ("{ __typename }", LONG):
        asking = asyncio.create_task(client.ask(query))
        rounds[query] = 0
        while not asking.done():
            await asyncio.sleep(0)
            rounds[query] += 1
    assert rounds["{ __typename }"] < 10
    assert rounds[LONG] > 20


class Counted(LongTexts):
    """Texts that note each piece of work."""

    works = 0

    async def work(self, text: str, work: Callable[[], T]) -> T:
        """Count one more."""
        self.works += 1
        return await super().work(text, work)


@pytest.mark.parametrize(("field", "ran", "works"), [("one", 10, 3), ("nothing", 0, 30)])
async def test_a_text_is_in_work_once_at_a_time(field: str, ran: int, works: int) -> None:
    """Others wait for the first, and take its document; a refused text is looked at for each."""
    query = f"{{ {field} }}" + " " * SHORT_CHARACTERS
    own = Preparations(limits=Limits())
    own.texts = texts = Counted()
    schema = Schema(query=Tiny, extensions=[own.step])
    answers = await asyncio.gather(*[schema.execute(query, context_value=ASKER) for _ in range(10)])
    assert sum(answer.errors is None for answer in answers) == ran
    assert texts.works == works


async def test_a_text_is_free_again_as_soon_as_it_is_prepared(client: Client) -> None:
    """A subscription does not keep those from the same one that come while it is prepared."""
    query = "subscription Free { finetuningUpdated { id } }" + " " * SHORT_CHARACTERS
    contexts = [client.context() for _ in range(2)]
    followings = [await client.schema.subscribe(query, context_value=context) for context in contexts]
    pulling = [asyncio.create_task(anext(following)) for following in followings]
    async with asyncio.timeout(10):
        for context in contexts:
            await context.started.wait()
    for one in pulling:
        one.cancel()
    await asyncio.wait(pulling)
    for following in followings:
        await following.aclose()


async def test_the_costs_of_one_connections_operations_add_up(client: Client) -> None:
    """A subscription keeps its cost to its end; an operation after that has all of it again."""
    events = many(90, "events(first: 100) { nodes { kind message } }")
    query = f"subscription {{ finetuningUpdated {{ {events} }} }}"
    connection = client.context()
    following = await client.schema.subscribe(query, context_value=connection)
    pulling = asyncio.create_task(anext(following))
    await connection.started.wait()
    other = client.context()
    other.workload = connection.workload
    most, cost = Limits().cost, connection.workload.cost
    assert most / 2 < cost <= most
    small = await client.schema.execute(PAGES, context_value=other, variable_values={"first": 1})
    assert small.errors is None
    (refusal,) = told(await client.schema.execute(PAGES, context_value=other, variable_values={"first": 20}))
    assert refusal["code"] == "TOO_MANY_OPERATIONS"
    pulling.cancel()
    await asyncio.wait((pulling,))
    await following.aclose()
    assert connection.workload.cost == 0


async def test_a_text_that_is_refused_leaves_little_to_the_garbage_collector(client: Client) -> None:
    """The chain of its tokens, some ten thousand objects, goes as soon as the text was refused."""
    await client.ask(LONG)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(5):
            await client.ask(LONG)
        assert len(gc.get_objects()) - before < 5_000
    finally:
        gc.enable()
