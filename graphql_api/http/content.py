"""Which bodies are read: JSON alone, which no page of another site can send without being asked for it."""

from starlette.datastructures import Headers

from graphql_api.http.accept import JSON


def complaint(headers: Headers) -> str | None:
    """Return why a body with these headers is not read, or nothing; a form could send the other types."""
    media_type, *parameters = headers.get("content-type", "").lower().split(";")
    charsets = [one.partition("=")[2].strip(' "') for one in parameters if one.strip().startswith("charset=")]
    if media_type.strip() != JSON or not set(charsets) <= {"utf-8", "utf8"}:
        return f"The body must be {JSON} in UTF-8."
    if headers.get("content-encoding", "identity").lower() != "identity":
        return "The body must not be compressed."
    return None
