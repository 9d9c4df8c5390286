"""Tests of the rounds over many finetunings."""
