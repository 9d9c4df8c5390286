"""The schema of golden records."""
