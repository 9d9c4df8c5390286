"""Requests that nobody wrote, over the whole schema."""
