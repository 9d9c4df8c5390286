"""Real processes for tests, chaos and benchmarks.

It starts them, looks at them from outside, stops and kills them. It stands beside the three because they may
not import one another. A server starts in one of two ways: as a fork of the nursery, with everything imported
already, or as a new interpreter. Both ways run, measure and leave behind the same; a fork spares three
seconds of imports. Start reading in `nursery.py`.
"""
