"""The world of these tests is on a clock that the test owns."""

from tests.owned_time import calm_world, hasty_world, world

__all__ = ["calm_world", "hasty_world", "world"]
