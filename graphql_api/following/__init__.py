"""Following finetunings: the change feed, its subscribers, and where a client goes on after a break.

The protocols that carry the changes are in ``http``. Start reading in ``followers``.
"""
