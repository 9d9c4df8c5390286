"""The schema of provider accounts."""
