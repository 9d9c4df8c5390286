"""Tests of the schema, on a real MongoDB."""
