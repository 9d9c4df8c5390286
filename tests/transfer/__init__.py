"""Golden records between files and a real server."""
