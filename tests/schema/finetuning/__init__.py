"""Tests of finetunings in the schema."""
