"""Tests of the hostile inputs: they are sent, measured and judged."""
