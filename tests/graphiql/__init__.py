"""GraphiQL as served, and in a real browser."""
