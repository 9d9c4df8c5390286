"""Tests of the exploration, and the explorations of every check."""
