"""The names by which people find connections and finetunings."""

import pytest

from graphql_api.transfer.client import Server
from graphql_api.transfer.errors import UnknownNameError
from graphql_api.transfer.names import FINETUNING, id_of
from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT


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
    with pytest.raises(UnknownNameError) as refused:
        id_of("65f", FINETUNING, server=server)
    named = ", ".join(f"65f{n} (b )" for n in range(min(5, 3 + more)))
    rest = ", and more" if more else ""
    assert str(refused.value) == (f"'65f' fits several finetunings: {named}{rest}; give an id, or more of it")


async def test_a_connection_is_named_by_its_alias_or_the_start_of_its_id(shell: Shell) -> None:
    """As in the other commands; a name that fits several stores nothing."""
    connection = await shell.world.connection(golden_records=0)
    for name in (connection.alias, str(connection.id)[:20]):
        result = await shell.run("import", shell.file([RIGHT]), to=name)
        assert result.exit_code == 0, result.stderr
        assert (await shell.run("export", to=name)).stderr == "exported 1\n"
    assert len(await shell.stored(connection)) == 1
    other = await shell.world.connection(golden_records=0)
    result = await shell.run("import", shell.file([RIGHT]), to=connection.alias)
    assert (result.exit_code, "fits several database connections" in result.stderr) == (1, True)
    assert await shell.stored(other) == []
