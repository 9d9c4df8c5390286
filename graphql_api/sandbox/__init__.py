"""A stand-in for OpenAI, and sample data, for demos and tests.

Every server can run them; none needs them. MongoDB for one machine is in ``embedded_mongod``.
Start reading in ``openai.sandbox``.
"""
