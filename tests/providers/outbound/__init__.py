"""The guard against base URLs that lead inside."""
