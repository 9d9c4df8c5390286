"""Stalls: MongoDB stands still under load, and whoever asked has to get an answer all the same."""
