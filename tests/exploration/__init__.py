"""Tests of the exploration, and the explorations that every check runs."""
