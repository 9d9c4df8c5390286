"""The examples in GraphiQL's tabs fit the schema.

No browser is needed.
"""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from graphql_api.schema import schema_sdl

SOURCE = Path(__file__).parents[2] / "graphiql" / "src"
EXAMPLES = sorted((SOURCE / "examples").iterdir())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_fits_the_schema(example: Path) -> None:
    """An offered example can be run."""
    assert validate(build_schema(schema_sdl()), parse(example.read_text())) == []


def test_every_example_has_its_tab() -> None:
    """Found by the operation's name, the tab's title."""
    titles = re.findall(r"^  (\w+): \{", (SOURCE / "examples.js").read_text(), flags=re.MULTILINE)
    names = [
        re.findall(r"^(?:query|mutation|subscription) (\w+)\(", file.read_text(), flags=re.MULTILINE)
        for file in EXAMPLES
    ]
    assert sorted(titles) == sorted(name for (name,) in names)
