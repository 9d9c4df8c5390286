"""The provider for OpenAI's fine-tuning API and all compatible endpoints."""

from graphql_api.providers.openai.client import OpenAIProvider
from graphql_api.providers.openai.sdk_client import Sent

__all__ = ["OpenAIProvider", "Sent"]
