"""Provider accounts: the vault, the opening of clients, and what their owners do with them."""
