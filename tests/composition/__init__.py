"""Tests of what is built at the start."""
