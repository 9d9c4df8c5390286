"""Tests of what happens to every operation."""
