"""A golden record, and the warnings of the stored ones."""

from graphql_api.catalogue.golden_records import NewGoldenRecord
from graphql_api.documents import GoldenRecord
from tests.world import World

ONE = NewGoldenRecord(prompt_text="Who?", sql="SELECT 1")


async def codes(world: World) -> list[list[str]]:
    """Return the codes of all records' warnings, the oldest first."""
    found = GoldenRecord.find({"tenant": world.caller.tenant}).sort("+created_at", "+_id")
    return [[warning.code.value for warning in one.warnings] async for one in found]
