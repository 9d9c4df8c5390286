"""Many finetunings: live jobs, provider's logs, sweep, webhook hints.

The work on a single finetuning is in ``engine``. Start reading in ``rounds``.
"""
