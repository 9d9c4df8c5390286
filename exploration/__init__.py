"""The exhaustive exploration: the real engine under every interleaving, crash and fault within a bound."""
