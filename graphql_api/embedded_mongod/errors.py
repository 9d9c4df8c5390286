"""The errors of the embedded MongoDB, for the operator."""


class EmbeddedMongodError(Exception):
    """The embedded MongoDB cannot be used; the message says why and what to do."""


class MongodNotFoundError(EmbeddedMongodError):
    """There is no mongod to run."""


class DirectoryInUseError(EmbeddedMongodError):
    """Another live process works on the data directory."""


class MongodStartError(EmbeddedMongodError):
    """The mongod ended, or was not ready in time."""


class MongodDataLostError(EmbeddedMongodError):
    """The data on disk are gone, so the mongod cannot start again."""


class MongodLostError(EmbeddedMongodError):
    """The mongod ends again and again, so it is no longer restarted."""
