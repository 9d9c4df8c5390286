"""Tests of the stand-in for Together AI."""
