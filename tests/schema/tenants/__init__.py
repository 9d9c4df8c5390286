"""The walk across tenants: every field, argument and subscription of the schema."""
