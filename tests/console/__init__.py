"""Tests of the console in a real browser, served by the server itself."""
