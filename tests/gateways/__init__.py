"""The server behind other people's servers.

They are gateways, a mock, and a proxy with a check of the wire.
"""
