"""What keeps the server from starting, or from going on, for the operator."""


class StartError(Exception):
    """The server cannot start or go on; the message is one line that tells the operator why."""
