"""The frontends' own clients, run by the tests."""
