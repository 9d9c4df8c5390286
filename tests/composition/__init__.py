"""Tests of the parts built at the start."""
