"""How a person names a document."""

import pytest

from graphql_api.client.exits import MissingError
from graphql_api.client.names import FINETUNING, id_of
from graphql_api.transfer.client import Server
from tests.client.conftest import Shell


class Candidates(Server):
    """A server that knows these finetunings, as (id, alias), and counts the questions."""

    def __init__(self, *known: tuple[str, str]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.known = known
        self.asked = list[object]()

    def ask(self, query: str, **variables: object) -> object:
        """Answer with all of them."""
        self.asked.append(variables)
        return {"nodes": [{"id": id_, "alias": alias} for id_, alias in self.known]}


def test_a_whole_id_is_not_looked_up() -> None:
    """In any case of its letters."""
    server = Candidates()
    assert id_of("65F0C0FFEE65f0c0ffee65f0", FINETUNING, server=server) == "65f0c0ffee65f0c0ffee65f0"
    assert server.asked == []


def test_an_alias_wins_over_the_start_of_an_id() -> None:
    """It is what a person chose."""
    server = Candidates(("65f0", "other"), ("aaaa", "65f"))
    assert id_of("65f", FINETUNING, server=server) == "aaaa"
    assert server.asked == [{"named": "65f"}]


@pytest.mark.parametrize("more", [0, 3])
def test_an_ambiguous_name_is_refused_with_the_candidates(more: int) -> None:
    """The first five of them."""
    server = Candidates(*[(f"65f{n}", "b\x07") for n in range(3 + more)])
    with pytest.raises(MissingError) as refused:
        id_of("65f", FINETUNING, server=server)
    named = ", ".join(f"65f{n} (b )" for n in range(min(5, 3 + more)))
    rest = ", and more" if more else ""
    assert str(refused.value) == (f"'65f' fits several finetunings: {named}{rest}; give an id, or more of it")


async def test_ambiguity_changes_nothing(shell: Shell) -> None:
    """Two finetunings with one alias are named, and neither is cancelled; more of the id is enough."""
    first, second = [await shell.world.create(alias="twin") for _ in range(2)]
    result = await shell.run("finetunings", "cancel", "twin")
    assert result.exit_code == 3
    assert f"{second.id} (twin), {first.id} (twin);" in result.stderr
    assert {(await shell.world.read(one)).status for one in (first, second)} == {"queued"}
    found = await shell.json("finetunings", "show", str(first.id)[:-1] + str(first.id)[-1])
    assert found["id"] == str(first.id)
