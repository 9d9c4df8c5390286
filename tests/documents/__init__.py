"""Tests of the documents and their database."""
