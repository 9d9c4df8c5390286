"""Real processes for tests, chaos and benchmarks: started, looked at from outside, stopped and killed.

It stands beside the three because none of them may import another. A server starts in one of two ways: as a
fork of the nursery, which has imported everything, or as a new interpreter. What a process runs, measures and
leaves behind is the same both ways; a fork spares three seconds of imports. Start reading in `nursery.py`.
"""
