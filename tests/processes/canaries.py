"""Canaries: secrets that are looked for wherever they must not be."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql_api.composition.settings import Settings
from graphql_api.redaction import RUN, Redaction

PASSWORD = "Pw8dQx3ZrK6vNb1TgYc5"
OF_SETTINGS = {
    "mongodb_uri": PASSWORD,
    "openai_api_key": "Kv4tZq9LmXr2WcJ7HsBd8Fy",
    "openai_webhook_secret": b64encode(b"Wh6-mQp1-Jz8-Rt3-Lx5").decode(),
    "key_pepper": "Pe7rGx2VnQ9zLb4MkTw6Yh1DsCj8Fu5Xo3",
    "credential_keys": "Cr6yNf2QsKd8XwJt5HvLb9ZmRp3GqTu7Ya4EoBi1Pk0=",
    "together_api_key": "Tg3wRx8LqVn5ZkYc2HmBt9",
}
"""Each secret setting with its canary; of an address the password is one. No two share six characters."""
IN_HEADERS = {
    "authorization": "Bearer Au3hXk8WnZp5TqRv2LmBj7",
    "cookie": "session=Co9kYt4GxLs6VhNw1QzPf8",
    "webhook-signature": "v1,Si5gBc2RmXt7ZqJv9KwLd4",
    "x-api-key": "Xa1pHq6TzVn3GwSr8KbYm5",
}
IN_SOCKET = "In2tDv7XkPz4WsQh9LcNr6"
OF_COMMANDS = "To8kMx3ZvHq5RtGw1BnLs7"
OF_ACCOUNT = "Ac7tWq2HnXv9LkRz4MbYs8"
IN_ACCOUNTS_HEADER = "Hd9xPk3VtQm6ZwGn1LcRb5"
OF_TOKENS = "eyJhbGciOiJSUzI1NiJ9.eyJqd3QiOiJKdzRUeDlQcTJWejcifQ.Jw4Tx9Pq2Vz7"
ALL = (
    *OF_SETTINGS.values(),
    b64decode(OF_SETTINGS["openai_webhook_secret"]).decode(),
    *(value.rpartition(" ")[2].rpartition("=")[2].removeprefix("v1,") for value in IN_HEADERS.values()),
    IN_SOCKET,
    OF_COMMANDS,
    OF_ACCOUNT,
    IN_ACCOUNTS_HEADER,
    *OF_TOKENS.split(".")[1:],
)


WEBHOOK_SECRET = f"whsec_{OF_SETTINGS['openai_webhook_secret']}"


@dataclass(slots=True)
class Seen:
    """What others could read."""

    texts: list[str] = field(default_factory=list)

    def note(self, *texts: object) -> None:
        """Add texts."""
        self.texts.extend(map(str, texts))

    def check(self, *secrets: str) -> None:
        """Check that no part of a canary is in them."""
        assert self.texts
        assert [found for text in self.texts for found in parts_in(text, *secrets)] == []


def secret_settings() -> set[str]:
    """Return the settings that are secrets, by the class itself."""
    rows = Settings.model_json_schema()["properties"].items()
    return {name for name, row in rows if "'password'" in str(row)}


def parts_in(text: str | bytes, *more: str) -> list[str]:
    """Return the parts of canaries in a text, of six characters and longer, each with what is around it."""
    shown = text if isinstance(text, str) else text.decode(errors="replace")
    secrets = (*ALL, *more)
    if Redaction(*secrets)(shown) == shown:
        return []
    runs = [secret[at : at + RUN] for secret in secrets for at in range(len(secret) - RUN + 1)]
    return [shown[max(0, shown.index(run) - 80) :][:200] for run in runs if run in shown]


def processes_of(pid: int) -> Iterator[Path]:
    """Yield the directories of the process and of its children in ``/proc``."""
    yield Path(f"/proc/{pid}")
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            parent = (directory / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:  # it has ended
            continue
        if parent == str(pid):
            yield from processes_of(int(directory.name))


async def stored_in(database: Any) -> str:
    """Return all documents of a database."""
    names = await database.list_collection_names()
    return "\n".join([str(await database[name].find().to_list()) for name in names])
