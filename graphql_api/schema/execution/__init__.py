"""What happens to every operation: it is prepared, weighed, observed, and its errors are worded.

No noun of the schema is here. Start reading in ``preparation``.
"""
