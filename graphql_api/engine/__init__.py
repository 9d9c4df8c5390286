"""One finetuning: every step from its creation to its end.

A step calls the provider and writes through ``store``. Rounds over many finetunings are in ``upkeep``.
Start reading in ``advance``.
"""
