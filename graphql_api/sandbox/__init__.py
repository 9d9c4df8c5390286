"""A stand-in for OpenAI, and sample data.

Both are for demos and tests; no server needs them. MongoDB for one machine is in ``embedded_mongod``.
Start reading in ``openai.sandbox``.
"""
