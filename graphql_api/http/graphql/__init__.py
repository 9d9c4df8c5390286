"""GraphQL over HTTP, WebSocket and server-sent events, and GraphiQL.

The types and resolvers are in ``schema``. Start reading in ``view``.
"""
