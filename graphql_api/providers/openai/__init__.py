"""The provider for OpenAI's fine-tuning API and all compatible endpoints."""

from graphql_api.providers.openai.client import OpenAIProvider

__all__ = ["OpenAIProvider"]
