"""The file with an account's state between processes."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from graphql_api.sandbox.openai.account import Holdings


@dataclass(frozen=True, slots=True)
class StateFile:
    """An account's holdings as JSON; a reader sees the old file or the new one, never a part."""

    path: Path

    def load(self) -> Holdings:
        """Return the last saved holdings, empty at first; raises ``ValueError`` for any other file."""
        try:
            return TypeAdapter(Holdings).validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return Holdings()
        except ValidationError as error:
            raise ValueError(f"{self.path} does not hold the state of an OpenAI sandbox") from error

    def save(self, holdings: Holdings) -> None:
        """Replace the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_name(f"{self.path.name}.new")
        with open(unfinished, "wb", opener=_private) as stream:  # it has the training files
            stream.write(TypeAdapter(Holdings).dump_json(holdings))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(self.path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
