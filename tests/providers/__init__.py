"""The providers, tried over real connections."""
