"""Breaks real processes, and checks the promise afterwards.

``make chaos`` runs it.
"""
