"""Relay's nodes: what can be fetched again by an id alone."""
