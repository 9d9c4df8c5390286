"""Tests with real server processes: what a kill, a signal or a second server does to the promise."""
