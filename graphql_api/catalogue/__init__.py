"""Golden records and database connections: the sources of trainings.

The checks, the duplicates and the training file live here. MongoDB's reads and writes are in ``store``, the
file's upload in ``engine``. Start reading in ``golden_records``.
"""
