"""Hostile inputs against one real server, with what each costs it and everybody else.

The inputs stand in `documents.py`, `variables.py`, `work.py`, `wire.py`, `sockets.py` and `held.py`. Each is
sent alone, for its CPU and memory, and then again beside a bystander in a process of its own, for the delay
of others. `limits.py` says what is too much. Start reading in `trial.py`.
"""
