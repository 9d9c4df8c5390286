"""Tests of the provider for Together AI."""
