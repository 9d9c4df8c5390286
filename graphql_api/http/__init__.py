"""The HTTP edge: the GraphQL view, the REST cancel, health, and what wraps every request."""
