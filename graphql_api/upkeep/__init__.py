"""Many finetunings: the status of live jobs, the provider's logs, the sweep, and webhook hints.

What happens to one finetuning is in ``engine``. Start reading in ``rounds``.
"""
