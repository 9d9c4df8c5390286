"""The format of training files: chat JSONL, one example a line, and how large a file may be."""

from collections.abc import Sequence
from io import BytesIO

import orjson

from graphql_api.documents import DbConnection
from graphql_api.errors import TrainingFileTooLargeError
from graphql_api.one_line import one_line
from graphql_api.store.training_data import Example, Extent

LARGEST_FILE_BYTES = 100_000_000
"""The largest training file. OpenAI takes 512 MB, but each of a worker's slots may hold one in memory."""

TASK = "You translate questions into {dialect} SQL. Answer with one SQL query and nothing else."


class ChatFile:
    """A training file in the making; no more than the largest one is ever held.

    Each line is one chat: the task and tables, the question, and the SQL that answers it.
    """

    def __init__(self, connection: DbConnection) -> None:
        self._task = _task(connection)
        self._file = BytesIO()
        self._size = 0

    def add(self, examples: Sequence[Example]) -> None:
        """Add a line for each of the examples."""
        for example in examples:
            line = _line(self._task, example.prompt_text, example.sql)
            self._size += len(line)
            if self._size <= LARGEST_FILE_BYTES:
                self._file.write(line)

    def content(self) -> bytes:
        """Return the whole file; raises ``TrainingFileTooLargeError``."""
        _check(self._size)
        return self._file.getvalue()


def check_size(connection: DbConnection, extent: Extent) -> None:
    """Raise ``TrainingFileTooLargeError`` if a file of so much would be, even without any escapes."""
    _check(extent.records * len(_line(_task(connection), "", "")) + extent.text_bytes)


def _check(size_bytes: int) -> None:
    if size_bytes > LARGEST_FILE_BYTES:
        raise TrainingFileTooLargeError(size_bytes=size_bytes, most_bytes=LARGEST_FILE_BYTES)


def _task(connection: DbConnection) -> orjson.Fragment:
    task = [TASK.format(dialect=connection.dialect), *connection.table_schemas]
    return orjson.Fragment(orjson.dumps("\n\n".join(task)))


def _line(task: orjson.Fragment, prompt_text: str, sql: str) -> bytes:
    turns = {"system": task, "user": prompt_text, "assistant": sql}
    messages = [{"role": role, "content": content} for role, content in turns.items()]
    return one_line({"messages": messages}) + b"\n"
