"""Stalls: MongoDB stands still under load.

Every caller has to get an answer all the same.
"""
