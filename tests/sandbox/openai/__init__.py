"""Tests of the stand-in for OpenAI by the SDK."""
