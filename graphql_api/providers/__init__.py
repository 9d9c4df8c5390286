"""The providers that train models, behind one port.

Calls, their answers and their faults live here. When to call is decided in ``engine`` and ``upkeep``.
Start reading in ``port``.
"""
