"""The heart: creating, advancing and cancelling finetunings. No GraphQL and no HTTP in here."""
