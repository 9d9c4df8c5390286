"""Measures the server beside a bare one by hand.

Both do the same work, side by side in one run.
"""
