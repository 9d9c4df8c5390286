"""Tests of the use cases, on the real mongod and the real SDK over HTTP."""
