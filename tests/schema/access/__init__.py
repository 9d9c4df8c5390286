"""The caller and its keys in the schema."""
