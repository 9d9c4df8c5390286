"""The schema of database connections."""
