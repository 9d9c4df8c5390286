"""Tests of the use cases, with real parts.

The parts are the real mongod and the real SDK over HTTP.
"""
