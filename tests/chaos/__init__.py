"""Tests of the storm and of its judge."""
