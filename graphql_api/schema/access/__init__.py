"""The caller and the API keys in the schema.

Who a caller is decides the room ``access``; start reading in ``queries``.
"""
