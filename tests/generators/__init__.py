"""The compilers and generators of frontends, run on the schema."""
