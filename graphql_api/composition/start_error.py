"""The error of a server that cannot start or go on."""


class StartError(Exception):
    """The server cannot start or go on; the message gives the operator the reason in one line."""
