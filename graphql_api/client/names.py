"""Finds what a person names, with the exit code of what is not there."""

from typing import TYPE_CHECKING

from graphql_api.client.exits import MissingError
from graphql_api.transfer.names import DB_CONNECTION, FINETUNING, Noun, UnknownNameError
from graphql_api.transfer.names import id_of as id_of_

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server

__all__ = ["DB_CONNECTION", "FINETUNING", "id_of"]


def id_of(name: str, noun: Noun, *, server: "Server") -> str:
    """Return the id of the one with this name; raises ``MissingError`` for none and for several."""
    try:
        return id_of_(name, noun, server=server)
    except UnknownNameError as unknown:
        raise MissingError(str(unknown)) from None
