"""Seeing a request through while its caller waits, and no longer than the caller's time budget."""

from collections.abc import Callable

from graphql_api.documents import Finetuning
from graphql_api.engine.advance import settle, take_over
from graphql_api.engine.engine import Engine

FIRST_LOOK_S = 0.02
LONGEST_LOOK_S = 0.25
SHORTEST_TURN_S = 1.0
"""With less time left it is not worth asking the provider, only to call it silent."""


async def within_budget(
    engine: Engine, asked: Finetuning, *, token: str, is_under_way: Callable[[Finetuning], bool]
) -> Finetuning:
    """Drive what was asked for, or wait for whoever drives it, while it is under way and there is time."""
    budget_s = engine.timing.cancel_budget_s
    deadline = engine.monotonic() + budget_s
    latest = await settle(engine, asked, token=token, limit_s=budget_s)
    look_s = FIRST_LOOK_S
    while is_under_way(latest) and engine.monotonic() + look_s < deadline:
        await engine.sleep(look_s)
        left_s = deadline - engine.monotonic()
        if left_s < SHORTEST_TURN_S:
            latest = await engine.store.read(latest.id) or latest
        else:
            latest = await take_over(engine, latest.id, limit_s=left_s) or latest
        look_s = min(look_s * 2, LONGEST_LOOK_S)
    return latest
