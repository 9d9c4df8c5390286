"""Runs the commands that work straight on the database."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

T = TypeVar("T")


def run(command: Coroutine[Any, Any, T]) -> T:
    """Run the command; print one line if the database cannot be used."""
    from graphql_api.composition.start_error import StartError

    try:
        return asyncio.run(command)
    except StartError as reason:
        raise click.ClickException(str(reason)) from None
