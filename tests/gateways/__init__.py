"""The server behind servers that nobody here wrote: gateways, a mock, and a proxy that checks the wire."""
