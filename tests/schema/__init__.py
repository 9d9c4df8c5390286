"""Tests of the GraphQL schema: its shape, and its operations on a real MongoDB."""
