"""From a query's text to an operation that may run: parsed, weighed and validated once for all requests."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_api.bounded_cache import BoundedCache
from graphql_api.errors import (
    ExpectedError,
    OperationUnresolvedError,
    QueryTooComplexError,
    UntrustedDocumentError,
)
from graphql_api.schema.execution.limits import Limits, Weight
from graphql_api.schema.execution.weighing import weigh

CACHED_CHARACTERS = 500_000
"""How much query text is kept in its prepared form, which takes about sixty bytes for a character of what
people write, and two hundred where there is nothing but names of two letters."""
ENTRY_CHARACTERS = 40
"""The shortest texts take 2,340 bytes each: as if they were so much longer."""

MOST_ERRORS = 10
"""How many complaints validation makes of one document: the text is read up to the place of each."""
_OWN_RULES = (MaybeNullValidationRule, OneOfInputValidationRule)
"""What Strawberry checks besides, whose own function for it has no such bound."""
_UNREAD = parse("{ __typename }", no_location=True)
"""Stands for a text that is not parsed at all."""


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A valid document within the limits; if it is ``bulky``, that depends on its variables."""

    document: DocumentNode
    bulky: bool


class Preparations:
    """Prepares the documents of one schema and remembers those that may run.

    ``trusted``: nothing but these texts may run.
    """

    def __init__(self, *, limits: Limits, trusted: frozenset[str] | None = None) -> None:
        self.limits = limits
        self.trusted = trusted
        self.cache: BoundedCache[PreparedDocument] = BoundedCache(
            most_characters=CACHED_CHARACTERS, entry_characters=ENTRY_CHARACTERS
        )

    def step(self) -> SchemaExtension:
        """Return the extension for one operation."""
        return _Preparation(self)


class _Preparation(SchemaExtension):
    """Takes the prepared document if there is one, and otherwise prepares what Strawberry has parsed."""

    def __init__(self, preparations: Preparations) -> None:
        self._preparations = preparations
        self._prepared: PreparedDocument | None = None

    def on_parse(self) -> Iterator[None]:
        """Let Strawberry parse what is not known, unless it is too long to be looked at."""
        context = self.execution_context
        if self._is_too_long:
            # A failure of this step would not reach the clients of a stream, so the next one refuses it.
            context.graphql_document, context._provided_operation_name = _UNREAD, None  # noqa: SLF001
            yield
            return
        context.parse_options["max_tokens"] = self._preparations.limits.tokens
        self._prepared = self._preparations.cache.get(context.query or "")
        if self._prepared:
            context.graphql_document = self._prepared.document
        yield

    @property
    def _is_too_long(self) -> bool:
        return len(self.execution_context.query or "") > self._preparations.limits.characters

    def on_validate(self) -> Iterator[None]:
        """Find all that forbids the operation; an empty list keeps Strawberry from validating again."""
        try:
            self.execution_context.pre_execution_errors = self._errors()
        except ExpectedError as refused:
            error = GraphQLError(refused.message, extensions=refused.extensions)
            self.execution_context.pre_execution_errors = [error]
        yield

    def _errors(self) -> list[GraphQLError]:
        """Return what validation complains of; raises ``ExpectedError`` for the project's own rules."""
        context, own = self.execution_context, self._preparations
        document, query = context.graphql_document, context.query or ""
        if self._is_too_long:
            raise QueryTooComplexError("characters", found=len(query), most=own.limits.characters)
        assert document is not None  # noqa: S101  it has just been parsed
        if own.trusted is not None and query not in own.trusted:
            raise UntrustedDocumentError
        # Strawberry has no public name for either of these two.
        schema, named = context.schema._schema, context._provided_operation_name  # noqa: SLF001
        if self._prepared is None:
            bulky = self._check_weight(document, schema)
            rules = (*context.validation_rules, *_OWN_RULES)
            if errors := validate(schema, document, rules, max_errors=MOST_ERRORS):
                return errors
            own.cache.keep(query, PreparedDocument(document, bulky))
        elif self._prepared.bulky:
            self._check_weight(document, schema)
        _check_choice(document, named)
        return []

    def _check_weight(self, document: DocumentNode, schema: GraphQLSchema) -> bool:
        """Return whether it is the variables that keep it within the limits; raises if nothing does."""
        limits = self._preparations.limits
        try:
            _check_each(weigh(document, schema=schema), limits)
        except QueryTooComplexError:
            _check_each(weigh(document, schema=schema, variables=self.execution_context.variables), limits)
            return True
        return False


def _check_each(weights: list[Weight], limits: Limits) -> None:
    for weight in weights:
        weight.check(limits)


def _check_choice(document: DocumentNode, named: str | None) -> None:
    """Raise if the client left it open which operation it wants: the first is as good as any."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if named is None and len(operations) > 1:
        raise OperationUnresolvedError(None, several=True)
