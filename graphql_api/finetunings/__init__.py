"""The use cases of finetunings, without GraphQL and HTTP."""
