"""Golden records and database connections: what trainings are made from.

The checks, the duplicates and the training file live here. What MongoDB stores is in ``store``, the file's
upload in ``engine``. Start reading in ``golden_records``.
"""
