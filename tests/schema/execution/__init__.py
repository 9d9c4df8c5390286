"""Tests of the steps around every operation."""
