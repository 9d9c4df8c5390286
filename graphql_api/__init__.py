"""A self-hosted GraphQL server that creates, watches and cancels fine-tuning jobs."""

__version__ = "0.2.0"
