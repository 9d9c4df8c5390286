"""Many finetunings: the status of live jobs, the provider's logs, the sweep, and webhook hints.

The work on a single finetuning is in ``engine``. Start reading in ``rounds``.
"""
