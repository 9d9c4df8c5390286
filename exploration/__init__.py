"""Runs the real engine under every schedule.

Crashes and faults are part of the schedules. The search is exhaustive within a bound.
"""
