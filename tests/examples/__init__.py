"""Tests of the typed clients among the examples.

They are generated, checked and run by their README, against the real server.
"""
