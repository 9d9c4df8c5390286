"""The header with the digest of a training file, for the server and its clients."""

DIGEST_HEADER = "Training-File-SHA256"
"""The digest of the file itself, in hexadecimal; an answer may be compressed on its way."""
