"""Tests of OpenAI's provider with the real SDK."""
