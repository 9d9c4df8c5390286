"""The messages of graphql-transport-ws that a client may send, checked before anybody acts on them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

_Object = dict[str, Any] | None
_Id = Annotated[str, Field(min_length=1)]


class _Signal(BaseModel):
    type: Literal["connection_init", "ping", "pong"]
    payload: _Object = None


class _Operation(BaseModel):
    query: str
    operation_name: str | None = Field(None, alias="operationName")
    variables: _Object = None
    extensions: _Object = None


class _Subscribe(BaseModel):
    type: Literal["subscribe"]
    id: _Id
    payload: _Operation


class _Complete(BaseModel):
    type: Literal["complete"]
    id: _Id


_MESSAGE: TypeAdapter[_Signal | _Subscribe | _Complete] = TypeAdapter(
    Annotated[_Signal | _Subscribe | _Complete, Field(discriminator="type")]
)


def complaint(message: object) -> str | None:
    """Return what is wrong with a message, or nothing."""
    try:
        _MESSAGE.validate_python(message, strict=True)
    except ValidationError as invalid:
        first = invalid.errors(include_input=False, include_url=False, include_context=False)[0]
        return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
    return None
