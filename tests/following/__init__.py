"""Tests of the change feed and its subscribers."""
