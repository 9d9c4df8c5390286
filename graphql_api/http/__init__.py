"""The HTTP edge: GraphQL, REST, health and middleware."""
