"""Tests of the reads and writes of MongoDB."""
