"""The server and the program for the examples."""

import pytest

from tests.examples.program import built_program
from tests.unhurried import deployment, served, server

__all__ = ["deployment", "served", "server"]


@pytest.fixture(scope="session")
def built() -> None:
    """Have the program in TypeScript, built from the present sources."""
    built_program()
