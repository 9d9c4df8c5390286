"""Provider accounts in the schema. The use cases are in ``accounts``. Start reading in ``types``."""
