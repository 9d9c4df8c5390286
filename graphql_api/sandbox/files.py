"""The account's files, and the form of an upload."""

from collections.abc import Collection
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import HTTP
from enum import StrEnum

from pydantic import ConfigDict

from graphql_api.sandbox.errors import ApiError


class FileStatus(StrEnum):
    """The status of a file's processing, in OpenAI's words and Azure's."""

    PENDING = "pending"
    PROCESSED = "processed"
    ERROR = "error"


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file of the account."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    id: str
    created_at: float
    filename: str
    purpose: str
    content: bytes
    processed_at: float = 0
    is_unusable: bool = False

    def status_at(self, now: float) -> FileStatus:
        """Return the status of its processing."""
        if now < self.processed_at:
            return FileStatus.PENDING
        return FileStatus.ERROR if self.is_unusable else FileStatus.PROCESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The content of an upload's multipart form."""

    filename: str
    purpose: str
    content: bytes


def read_upload(body: bytes, *, content_type: str, purposes: Collection[str]) -> Upload:
    """Return the form's file and purpose; raises ``ApiError`` for a form without them."""
    # The standard library's MIME parser spares a dependency for this stand-in alone.
    form = BytesParser(_class=EmailMessage, policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body
    )
    parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    if "file" not in parts:
        raise ApiError("'file' is a required property", param="file")
    if "purpose" not in parts:
        raise ApiError("'purpose' is a required property", param="purpose")
    purpose = _content(parts["purpose"]).decode(errors="replace")
    if purpose not in purposes:
        raise ApiError(f"'{purpose}' is not one of {sorted(purposes)}", param="purpose")
    return Upload(
        filename=parts["file"].get_filename() or "upload",
        purpose=purpose,
        content=_content(parts["file"]),
    )


def _content(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
