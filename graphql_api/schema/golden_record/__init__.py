"""Golden records in the schema. The use cases are in ``catalogue``. Start reading in ``types``."""
