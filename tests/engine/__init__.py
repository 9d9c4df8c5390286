"""Tests of the engine: one finetuning, step by step."""
