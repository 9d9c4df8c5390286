"""Measures the server against a bare one that does the same work by hand, side by side in one run."""
