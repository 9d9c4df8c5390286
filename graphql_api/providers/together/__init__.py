"""The provider for Together AI's fine-tuning API.

Its SDK is the extra ``together``; nothing imports it before the first provider is built.
"""

from graphql_api.providers.together.client import TogetherProvider

__all__ = ["TogetherProvider"]
