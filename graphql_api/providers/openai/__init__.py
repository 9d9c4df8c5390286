"""The provider behind OpenAI's fine-tuning API and every endpoint that speaks it."""

from graphql_api.providers.openai.client import OpenAIProvider

__all__ = ["OpenAIProvider"]
