"""Finetunings in the schema. The use cases are in ``finetunings``. Start reading in ``types``."""
