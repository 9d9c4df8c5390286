"""The bounds of a connection, below requests and messages: sizes, times and numbers.

Uvicorn, httptools and websockets have no such bounds, so their protocols get them here.
"""
