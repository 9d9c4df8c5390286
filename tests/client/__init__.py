"""The commands that ask a server, against a real one."""
