"""Tests with real server processes.

They hold the promise through kills, signals and a second server.
"""
