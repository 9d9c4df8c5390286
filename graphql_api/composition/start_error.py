"""What keeps the server from starting, or from going on, for the operator."""


class StartError(Exception):
    """The server cannot start or go on; the message is one line that tells the operator why."""


def first_line(problem: Exception) -> str:
    """Return what an error says, in one line that is not too long for a terminal."""
    return str(problem).partition("\n")[0][:300]
