"""Settings become open resources, and resources become the application.

The processes that users start live here: server, worker, demo, check. No rule about finetunings does.
Start reading in ``app``, then ``resources``.
"""
