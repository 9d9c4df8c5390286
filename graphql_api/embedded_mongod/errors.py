"""What can go wrong with the embedded MongoDB, each as one line for the operator."""


class EmbeddedMongodError(Exception):
    """The embedded MongoDB cannot be used; the message says why and what to do."""


class MongodNotFoundError(EmbeddedMongodError):
    """There is no mongod to run."""


class DirectoryInUseError(EmbeddedMongodError):
    """Another live process works on the data directory."""


class MongodStartError(EmbeddedMongodError):
    """The mongod ended, or was not ready in time."""


class PortTakenError(MongodStartError):
    """Another process took the port between its choice and its use."""


class MongodDataLostError(EmbeddedMongodError):
    """There is nothing on disk any more that the mongod could go on with."""


class MongodLostError(EmbeddedMongodError):
    """The mongod ends again and again, so it is not started any more."""
