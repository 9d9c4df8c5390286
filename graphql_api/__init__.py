"""A self-hosted GraphQL server that creates, watches and cancels fine-tuning jobs."""

__version__ = "0.1.0"
