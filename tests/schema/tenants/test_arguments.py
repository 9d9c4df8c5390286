"""Every argument of the schema, tried with another tenant's names.

The answer is that to a name that nobody has, byte by byte, and costs the same commands at MongoDB.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from beanie import PydanticObjectId
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from graphql_api.schema import build_schema
from tests.schema.tenants.estate import Estate, Reference
from tests.schema.tenants.trials import ELSEWHERE, NAMELESS, PLAIN, STREAMS, TRIALS, Trial
from tests.watched import Seen, Watcher

GRAPHQL = build_schema()._schema


def places() -> Iterator[str]:
    """Yield each place in the schema that takes a name: an argument, or a field of an input in one."""
    for kind in GRAPHQL.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                for inside in _inside(field.args):
                    yield f"{kind.name}.{name}({inside})"


def _inside(given: Mapping[str, Any]) -> Iterator[str]:
    for name, details in given.items():
        kind = get_named_type(details.type)
        if isinstance(kind, GraphQLInputObjectType):
            yield from (f"{name}.{inside}" for inside in _inside(kind.fields))
        elif kind.name not in PLAIN:
            yield name


def test_every_argument_has_its_trial() -> None:
    """A new one comes with a trial, or with a word on why it names nothing."""
    tried = {trial.place for trial in TRIALS} | set(ELSEWHERE)
    assert not tried & set(NAMELESS)
    assert set(places()) == tried | set(NAMELESS)


async def difference(
    trial: Trial, name: str, *, mine: Estate, theirs: Estate, watcher: Watcher
) -> object | None:
    """Return both answers with their commands, unless they are the same."""
    there, nobodys = [await _tried(trial, one, mine, watcher) for one in theirs.names[name]]
    return None if there == nobodys else (there, nobodys)


async def _tried(
    trial: Trial, reference: Reference, mine: Estate, watcher: Watcher
) -> tuple[bytes, list[Seen]]:
    own = {"own": "connection", "record": "record", "training": "training"}
    variables = {variable: mine.names[name][0].text for variable, name in own.items()}
    variables["named"] = "".join(reference.inside)
    watcher.seen.clear()
    answer = await mine.told(trial.document, x=reference.text, **variables)
    feed = {"aggregate", "endSessions", "getMore", "killCursors"} if trial.is_stream else {"endSessions"}
    commands = [one for one in watcher.seen if one[0] not in feed]
    return reference.hidden(answer), sorted(commands)  # those at once have no order


async def differences(
    trials: tuple[Trial, ...], *, mine: Estate, theirs: Estate, watcher: Watcher
) -> dict[tuple[str, str], object]:
    """Return all differences, and what the other tenant has lost by them."""
    before = await theirs.stored()
    found: dict[tuple[str, str], object] = {}
    for trial in trials:
        for name in trial.names:
            told = await difference(trial, name, mine=mine, theirs=theirs, watcher=watcher)
            after = await theirs.stored()
            if told or after != before:
                found[trial.place, name] = told or (before, after)
                before = after
    return found


async def test_another_tenants_name_is_one_that_nobody_has(
    mine: Estate, theirs: Estate, watcher: Watcher
) -> None:
    """In queries and mutations; and nothing of the other tenant changes."""
    trials = tuple(trial for trial in TRIALS if not trial.is_stream)
    assert await differences(trials, mine=mine, theirs=theirs, watcher=watcher) == {}


async def test_another_tenants_finetuning_cannot_be_followed(
    mine: Estate, theirs: Estate, watcher: Watcher
) -> None:
    """Its subscriptions end at once, like those of a finetuning that nobody has."""
    await mine.told(STREAMS[0].document, x=str(PydanticObjectId()))  # the first one starts the feed
    assert await differences(STREAMS, mine=mine, theirs=theirs, watcher=watcher) == {}


async def test_the_trials_reach_what_they_name(theirs: Estate, watcher: Watcher) -> None:
    """The other tenant itself gets another answer than for a name that nobody has: no trial is empty."""
    reached = {
        trial.place
        for trial in TRIALS
        for name in trial.names
        if not trial.is_stream
        if await difference(trial, name, mine=theirs, theirs=theirs, watcher=watcher)
    }
    assert reached == {trial.place for trial in TRIALS if not trial.is_stream}
