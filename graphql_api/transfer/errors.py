"""The failures of a server, as a command sees them."""


class ServerError(Exception):
    """The server refused or failed; the message gives the reason, ``argument`` the bad argument.

    ``code`` is that of the GraphQL error; a failure without one has none.
    """

    def __init__(self, message: str, *, argument: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument
        self.code = code


class NoAnswerError(ServerError):
    """The server did not answer, or broke its answer off: what it did is not known."""


class UnknownNameError(ServerError):
    """Nothing has this name, or several have it."""
