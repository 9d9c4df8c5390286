"""Tests of MongoDB as a child process."""
