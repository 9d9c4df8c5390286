"""The price of an operation: the objects it takes from its caller's budget, by its weight."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLSchema, OperationDefinitionNode, OperationType

from graphql_api.schema.execution.weighing import weigh

REFUSED = 100
"""The price of a document that is refused for its size: somebody had to look at it."""
SINGLE_CANCEL = "cancelFinetuning"


@dataclass(frozen=True, slots=True)
class Price:
    """The objects of an operation, and whether it does nothing but cancel single finetunings."""

    objects: int
    cancels_alone: bool


class Prices:
    """The prices of one document's operations, each weighed again only if its variables matter."""

    def __init__(self, document: DocumentNode, *, schema: GraphQLSchema) -> None:
        self._document = document
        self._schema = schema
        noted = _Noted()
        weighed = self._weighed(noted)
        self._fixed = None if noted.is_read else weighed

    def of(self, named: str | None, *, variables: Mapping[str, Any] | None) -> Price:
        """Return the price of the operation, or the highest one if none is named."""
        prices = self._weighed(variables) if self._fixed is None else self._fixed
        chosen = [price for name, price in prices if named in (None, name)]
        objects = max((price.objects for price in chosen), default=1)
        return Price(objects, bool(chosen) and all(price.cancels_alone for price in chosen))

    def _weighed(self, variables: Mapping[str, Any] | None) -> list[tuple[str | None, Price]]:
        operations = [one for one in self._document.definitions if isinstance(one, OperationDefinitionNode)]
        weights = weigh(self._document, schema=self._schema, variables=variables)
        return [
            (one.name.value if one.name else None, Price(weight.cost, _cancels_alone(one)))
            for one, weight in zip(operations, weights, strict=False)  # fragments come after operations
        ]


class _Noted(Mapping[str, Any]):
    """No variables, and a note whether anybody looked for one."""

    def __init__(self) -> None:
        self.is_read = False

    def __bool__(self) -> bool:
        return True  # else it would be taken for no variables at all

    def __getitem__(self, name: str) -> Any:
        self.is_read = True
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        self.is_read = True
        return iter(())

    def __len__(self) -> int:
        return 0


def _cancels_alone(operation: OperationDefinitionNode) -> bool:
    return operation.operation is OperationType.MUTATION and all(
        isinstance(one, FieldNode) and one.name.value == SINGLE_CANCEL
        for one in operation.selection_set.selections
    )
