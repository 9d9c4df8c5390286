"""Moves golden records between files, as people have them, and a running server.

The commands are clients of the GraphQL API and never touch MongoDB. The server's own checks are in
``catalogue``. Start reading in ``commands``.
"""
