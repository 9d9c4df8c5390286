"""The error of a failed start or a lost MongoDB."""


class StartError(Exception):
    """The server cannot start or go on; the message gives the operator the reason in one line."""
