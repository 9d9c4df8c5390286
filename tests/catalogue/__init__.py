"""Tests of golden records and database connections."""
