"""Tests of the stand-in for OpenAI, through the real SDK over real TCP."""
