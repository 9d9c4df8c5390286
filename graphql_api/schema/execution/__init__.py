"""Every operation's way: preparation, weight, metrics and error codes.

No noun of the schema is here. Start reading in ``preparation``.
"""
