"""GraphiQL as people meet it: what is served, and what a real browser makes of it."""
