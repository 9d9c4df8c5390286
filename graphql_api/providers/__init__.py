"""The providers that train models, behind one port."""
