"""The OpenAI provider, tried with the real SDK over real connections."""
