"""The price of an operation, and when it is paid."""

from typing import Any

import pytest
from graphql import build_schema, parse

from graphql_api.access.budgets import Budgets
from graphql_api.caller import Caller
from graphql_api.rate_limits import Budget, Counts
from graphql_api.schema import build_schema as build
from graphql_api.schema import schema_sdl
from graphql_api.schema.execution.pricing import REFUSED, Price, Prices
from graphql_api.scopes import ALL_SCOPES
from tests.schema.conftest import Client, many

API = build_schema(schema_sdl())
PAGE = "query Page($first: Int) { finetunings(first: $first) { nodes { id } } }"
ONE = 'cancelFinetuning(finetuningId: "1") { id }'
OTHER = 'deleteFinetuning(finetuningId: "1") { phase }'
ADA = Caller(credential_id="ada", scopes=ALL_SCOPES)


def price(document: str, *, named: str | None = None, **variables: Any) -> Price:
    """Return the operation's price."""
    return Prices(parse(document), schema=API).of(named, variables=variables)


def test_the_price_is_the_weight() -> None:
    """Of the operation to run, and never nothing."""
    assert price("{ __typename }") == Price(1, cancels_alone=False)
    two = "query A { __typename } query B { a: __typename b: __typename } "
    assert [price(two, named=name).objects for name in ("A", "B", None)] == [1, 2, 2]


def test_a_page_is_paid_by_its_size() -> None:
    """A variable counts with its value, at each run anew; without a value, as the largest page."""
    prices = Prices(parse(PAGE), schema=API)
    small, large, unknown = (
        prices.of("Page", variables=given).objects for given in ({"first": 1}, {"first": 100}, {})
    )
    assert small < large == unknown
    assert price(PAGE.replace("$first:", "$n:").replace("first: $first", "first: 1"), n=100).objects == small


def test_a_price_without_variables_is_weighed_once() -> None:
    """So that an id in a variable costs nothing more."""
    document = parse("mutation M($id: ID!) { cancelFinetuning(finetuningId: $id) { id } }")
    assert Prices(document, schema=API)._fixed is not None
    assert Prices(parse(PAGE), schema=API)._fixed is None


@pytest.mark.parametrize(
    ("document", "alone"),
    [
        (f"mutation {{ {ONE} }}", True),
        (f"mutation {{ a: {ONE} b: {ONE} }}", True),
        (f"mutation {{ {ONE} {OTHER} }}", False),
        ('mutation { cancelFinetunings(finetuningIds: ["1"]) { count } }', False),
        (f"mutation {{ ... {{ {OTHER} }} }}", False),
        ("query { cancelFinetuning: __typename }", False),
    ],
)
def test_a_document_of_single_cancels_is_known(document: str, *, alone: bool) -> None:
    """By its fields' names, not by their aliases; anything beside them has no reserve."""
    assert price(document).cancels_alone is alone


@pytest.fixture
def counts() -> Counts:
    """Return the counts on a clock at rest."""
    return Counts(now=lambda: 6_000)


@pytest.fixture
def paying(client: Client, counts: Counts) -> Client:
    """Yield a client with a hundred objects a minute, and ten for cancels."""
    budgets = Budgets(
        objects=Budget.of("100/minute", counts, kind="objects"),
        cancels=Budget.of("10/minute", counts, kind="cancels"),
    )
    client.schema = build(budgets=budgets)
    client.caller = ADA
    return client


async def test_objects_are_counted_not_requests(paying: Client) -> None:
    """Ten small requests take ten; one of ninety takes the rest, and the next one is refused."""
    for _ in range(10):
        await paying.data("{ __typename }")
    await paying.data(f"{{ {many(90, '__typename')} }}")
    assert await paying.refusal("{ __typename }") == {
        "code": "RATE_LIMITED",
        "message": "The budget of 100 per 1 minute is used up: this takes 1; try again in 61 s.",
        "retryAfter": 61,
    }


async def test_a_refused_mutation_does_nothing(paying: Client) -> None:
    """Nothing is stored, whether its document is known or not."""
    given = '{alias: "a", dialect: "postgres", tableSchemas: ["t"]}'
    create = f"mutation {{ createDbConnection(input: {given}) {{ id }} }}"
    await paying.data(create)
    await paying.data(f"{{ {many(98, '__typename')} }}")
    for document in (create, create.replace("{ id }", "{ alias }")):
        assert (await paying.refusal(document))["code"] == "RATE_LIMITED"
    assert (await paying.counts())["DbConnection"] == 1


async def test_a_bad_document_is_paid_before_its_validation(paying: Client) -> None:
    """Whoever sends many has no budget for more, and they are no longer validated."""
    bad = f"{{ {many(50, 'nonsense')} }}"
    codes = [await first_code(paying, bad) for _ in range(3)]
    assert codes == ["GRAPHQL_VALIDATION_FAILED"] * 2 + ["RATE_LIMITED"]


async def first_code(client: Client, document: str) -> str:
    """Return the code of the first error."""
    _, errors = await client.ask(document)
    return str(errors[0]["code"])


async def test_a_document_above_a_limit_is_paid(paying: Client) -> None:
    """At a flat price, because its own is above all budgets."""
    heavy = f"{{ {many(90, 'finetunings(first: 100) { nodes { id alias error } }')} }}"
    assert REFUSED == 100
    assert [await first_code(paying, heavy) for _ in range(2)] == ["QUERY_TOO_COMPLEX", "RATE_LIMITED"]


async def test_cancels_go_on_after_the_budget(paying: Client) -> None:
    """From their reserve; a cancel of many, or with something beside it, does not."""
    created = await paying.world.create()
    await paying.data(f"{{ {many(100, '__typename')} }}")
    one = f'cancelFinetuning(finetuningId: "{created.id}") {{ status }}'
    many_at_once = f'cancelFinetunings(finetuningIds: ["{created.id}"]) {{ count }}'
    beside = f'deleteFinetuning(finetuningId: "{created.id}") {{ phase }}'
    for document in (many_at_once, f"{one} {beside}"):
        assert (await paying.refusal(f"mutation {{ {document} }}"))["code"] == "RATE_LIMITED"
    assert (await paying.world.read(created)).cancellation is None
    assert await paying.data(f"mutation {{ {one} }}") == {"cancelFinetuning": {"status": "CANCELLED"}}


async def test_a_subscription_is_paid_at_its_start(paying: Client) -> None:
    """And refused like anything else."""
    await paying.data(f"{{ {many(99, '__typename')} }}")
    results = paying.follow("subscription { finetuningUpdated { id } }")
    data, errors = await anext(results)
    assert (data, errors[0]["code"]) == (None, "RATE_LIMITED")


async def test_this_machine_is_not_limited(paying: Client) -> None:
    """Without authentication, as the demo runs."""
    paying.caller = Caller(scopes=ALL_SCOPES, address="127.0.0.1")
    for _ in range(3):
        await paying.data(f"{{ {many(100, '__typename')} }}")
