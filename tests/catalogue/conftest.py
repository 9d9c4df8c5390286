"""A world on the test's own clock."""

from tests.owned_time import calm_world, hasty_world, world

__all__ = ["calm_world", "hasty_world", "world"]
