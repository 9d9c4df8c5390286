"""Tests of the engine and the use cases, on the real mongod and the real SDK over HTTP."""
