"""Following finetunings: the change feed, its subscribers, and resuming.

The protocols for the changes are in ``http``. Start reading in ``followers``.
"""
