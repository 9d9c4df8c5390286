"""Stand-ins for providers, and sample data.

Both are for demos and tests; no server needs them. MongoDB for one machine is in ``embedded_mongod``.
What the stand-ins share stands here, what each answers in ``openai`` and ``together``. Start reading in
``stand_in``.
"""
