"""Golden records between JSONL files and a server, over its GraphQL API."""
