"""Queries parsed, weighed and validated, once for all requests."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.access.errors import ForbiddenError
from graphql_api.bounded_cache import BoundedCache
from graphql_api.document_errors import (
    OperationUnresolvedError,
    QueryTooComplexError,
    UntrustedDocumentError,
)
from graphql_api.errors import ExpectedError
from graphql_api.schema.context import Context
from graphql_api.schema.execution.auditing import note_forbidden
from graphql_api.schema.execution.authorization import Requirements, requirements
from graphql_api.schema.execution.counting import check_document, check_variables, drop_undeclared
from graphql_api.schema.execution.introspection import refuse_introspection
from graphql_api.schema.execution.limits import Limits, Weight
from graphql_api.schema.execution.long_texts import LongTexts, read
from graphql_api.schema.execution.pricing import REFUSED, Prices
from graphql_api.schema.execution.weighing import FragmentCircleError, weigh
from graphql_api.schema.requires import Alternatives

CACHED_CHARACTERS = 500_000
"""The most query text in the cache of prepared documents, in characters.

A prepared document takes about sixty bytes for a character of ordinary text, and two hundred for names of two
letters."""
ENTRY_CHARACTERS = 40
"""Added to each text's length: even the shortest text takes 2,340 bytes."""

MOST_ERRORS = 10
"""The most validation errors of one document: each error reads the text up to its place."""
_OWN_RULES = (MaybeNullValidationRule, OneOfInputValidationRule)
"""Strawberry's additional rules; its own validation function does not limit the errors."""
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 5_000
"""The most steps in which graphql-core compares same fields; its default takes half a second, and leaves
much memory to the garbage collector."""
_UNREAD = parse("{ __typename }", no_location=True)
"""Stands for an unparsed text."""


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A valid document within the limits; a ``bulky`` one is within them for some variables only.

    ``cost`` is that of its dearest operation.
    """

    document: DocumentNode
    bulky: bool
    cost: int
    requirements: Requirements
    prices: Prices


class Preparations:
    """Prepares the documents of one schema and caches the accepted ones.

    ``trusted``: only these texts may run. Unless the schema is ``exposed``, introspection is refused.
    ``budgets`` are those of the callers.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        trusted: frozenset[str] | None = None,
        exposed: bool = True,
        budgets: Budgets = UNLIMITED,
    ) -> None:
        self.limits = limits
        self.trusted = trusted
        self.exposed = exposed
        self.budgets = budgets
        self.cache: BoundedCache[PreparedDocument] = BoundedCache(
            most_characters=CACHED_CHARACTERS, entry_characters=ENTRY_CHARACTERS
        )
        self.texts = LongTexts()

    def step(self) -> SchemaExtension:
        """Return the extension for one operation."""
        return _Preparation(self)


class _Preparation(SchemaExtension):
    """Takes the prepared document from the cache, or prepares it."""

    def __init__(self, preparations: Preparations) -> None:
        self._preparations = preparations
        self._prepared: PreparedDocument | None = None
        self._prices: Prices | None = None
        self._unread: GraphQLError | ExpectedError | None = None
        self._has_text = False
        self._cost = 0

    def on_operation(self) -> Iterator[None]:
        """Give back at its end what the operation has: its text, and its cost."""
        try:
            yield
        finally:
            self._leave_text()
            if self._cost:
                self.execution_context.context.workload.end(self._cost)

    async def on_parse(self) -> AsyncIterator[None]:
        """Read the text, or note why not: an error raised here does not reach the clients of a stream."""
        context, query = self.execution_context, self.execution_context.query or ""
        try:
            context.graphql_document = await self._document(query)
        except (GraphQLError, ExpectedError) as unread:
            self._unread = unread
            context.graphql_document, context._provided_operation_name = _UNREAD, None  # noqa: SLF001
        yield

    async def _document(self, query: str) -> DocumentNode:
        """Return the document; raises ``GraphQLError``, or ``ExpectedError`` for a text that is too long."""
        own = self._preparations
        if len(query) > own.limits.characters:
            raise QueryTooComplexError("characters", found=len(query), most=own.limits.characters)
        self._prepared = own.cache.get(query)
        if self._prepared is None:
            await own.texts.begin(query)
            self._has_text = True
            self._prepared = own.cache.get(query)
        if self._prepared is not None:
            return self._prepared.document
        return await own.texts.work(query, partial(read, query, most_tokens=own.limits.tokens))

    def _leave_text(self) -> None:
        if self._has_text:
            self._preparations.texts.end(self.execution_context.query or "")
            self._has_text = False

    async def on_validate(self) -> AsyncIterator[None]:
        """Set the errors of the operation; an empty list keeps Strawberry from validating again."""
        try:
            self.execution_context.pre_execution_errors = await self._errors()
        except ExpectedError as refused:
            error = GraphQLError(refused.message, extensions=refused.extensions)
            self.execution_context.pre_execution_errors = [error]
        self._leave_text()
        yield

    async def _errors(self) -> list[GraphQLError]:
        """Return the validation errors; raises ``ExpectedError``. One too large takes its price, too."""
        try:
            return await self._validation()
        except QueryTooComplexError:
            if self._prices is None and self._preparations.budgets.objects is not None:
                await self._preparations.budgets.take(self.execution_context.context.caller, REFUSED)
            raise

    async def _validation(self) -> list[GraphQLError]:
        """Return the validation errors; raises ``ExpectedError`` for the project's own rules."""
        context, own = self.execution_context, self._preparations
        document, query = context.graphql_document, context.query or ""
        if isinstance(self._unread, ExpectedError):
            raise self._unread
        if self._unread is not None:
            return [self._unread]
        assert document is not None  # noqa: S101  it has just been parsed
        if own.trusted is not None and query not in own.trusted:
            raise UntrustedDocumentError
        # Strawberry has no public name for these two.
        schema, named = context.schema._schema, context._provided_operation_name  # noqa: SLF001
        if context.variables:
            drop_undeclared(context.variables, document, named=named)
            check_variables(context.variables, document, named=named)
        if self._prepared is None:
            if errors := await self._prepare(document, schema, named=named):
                return errors
        else:
            if self._prepared.bulky:
                _, cost = await own.texts.work(query, partial(self._weigh, document, schema))
                self._prepared = replace(self._prepared, cost=cost)
            await self._pay(self._prepared.prices, named)
        _check_choice(document, named)
        assert self._prepared is not None  # noqa: S101  it is prepared by now
        self._check_scopes(self._prepared, named)
        self._begin(self._prepared.cost)
        return []

    async def _prepare(
        self, document: DocumentNode, schema: GraphQLSchema, *, named: str | None
    ) -> list[GraphQLError]:
        """Count, weigh and validate an unknown document, and keep it; return the errors."""
        own, query = self._preparations, self.execution_context.query or ""
        try:
            bulky, cost, prices = await own.texts.work(query, partial(self._price, document, schema))
        except FragmentCircleError as circle:  # before validation, which compares all fields first
            return [GraphQLError(f"Cannot spread fragment '{circle.fragment[:100]}' within itself.")]
        await self._pay(prices, named)  # before validation: that is work, too
        errors, needs = await own.texts.work(query, partial(self._validate, document, schema))
        if errors:
            return errors
        self._prepared = PreparedDocument(document, bulky, cost, needs, prices)
        own.cache.keep(query, self._prepared)
        return []

    def _price(self, document: DocumentNode, schema: GraphQLSchema) -> tuple[bool, int, Prices]:
        """Count and weigh the document; return whether it is bulky, its cost and its prices."""
        check_document(document)
        if not self._preparations.exposed:
            refuse_introspection(document)
        bulky, cost = self._weigh(document, schema)
        return bulky, cost, Prices(document, schema=schema)

    def _weigh(self, document: DocumentNode, schema: GraphQLSchema) -> tuple[bool, int]:
        """Return whether only its variables keep it within the limits, and its cost; raises if it is not."""
        limits = self._preparations.limits
        try:
            return False, _cost_of(weigh(document, schema=schema), limits)
        except QueryTooComplexError:
            weights = weigh(document, schema=schema, variables=self.execution_context.variables)
            return True, _cost_of(weights, limits)

    def _validate(
        self, document: DocumentNode, schema: GraphQLSchema
    ) -> tuple[list[GraphQLError], Requirements]:
        """Return the errors; without any, also what the operations require."""
        context = self.execution_context
        declared: Mapping[str, Alternatives] = context.schema.declared  # type: ignore[attr-defined]  # our Schema's
        rules = (*context.validation_rules, *_OWN_RULES)
        if errors := validate(schema, document, rules, max_errors=MOST_ERRORS):
            _raise_if_aborted(errors)
            return errors, Requirements({})
        return [], requirements(document, schema=schema, declared=declared)

    def _begin(self, cost: int) -> None:
        """Count the operation as one of its connection's; raises ``TooMuchAtOnceError``."""
        self.execution_context.context.workload.begin(cost, most=self._preparations.limits.cost)
        self._cost = cost

    async def _pay(self, prices: Prices, named: str | None) -> None:
        """Take the operation's price from the caller's budget; raises ``RateLimitedError``."""
        self._prices = prices
        budgets, context = self._preparations.budgets, self.execution_context
        if budgets.objects is not None and budgets.limit(context.context.caller) is not None:
            price = prices.of(named, variables=context.variables)
            await budgets.take(context.context.caller, price.objects, cancels_alone=price.cancels_alone)

    def _check_scopes(self, prepared: PreparedDocument, named: str | None) -> None:
        """Raise ``ForbiddenError``, audited, if the caller may not run the operation."""
        context: Context = self.execution_context.context
        try:
            prepared.requirements.check(named, context.caller)
        except ForbiddenError as refused:
            variables = self.execution_context.variables
            note_forbidden(
                refused, prepared.document, operation_name=named, variables=variables, context=context
            )
            raise


def _raise_if_aborted(errors: Sequence[GraphQLError]) -> None:
    """Raise ``QueryTooComplexError`` if too many same fields stand side by side to compare them all."""
    if errors[-1].message == "Validation aborted.":
        most = overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET
        raise QueryTooComplexError("comparisons of same fields", found=most + 1, most=most)


def _cost_of(weights: list[Weight], limits: Limits) -> int:
    """Return the greatest cost; raises ``QueryTooComplexError``."""
    for weight in weights:
        weight.check(limits)
    return max(weight.cost for weight in weights)


def _check_choice(document: DocumentNode, named: str | None) -> None:
    """Raise if the client names no operation and the document has several: no guess is safe."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if named is None and len(operations) > 1:
        raise OperationUnresolvedError(None, several=True)
