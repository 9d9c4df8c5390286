"""MongoDB as a child process: the default of ``serve``.

Finding, starting, watching and ending a mongod live here. What it stores is in ``documents`` and ``store``.
Start reading in ``mongod``.
"""
