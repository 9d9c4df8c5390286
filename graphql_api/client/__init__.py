"""The commands that ask a running server, by noun.

They are clients of the public API and import nothing of the server. Import and export of golden
records are in ``transfer``, whose client of a server they share.
"""

from graphql_api.client import db_connection_commands, finetuning_commands
from graphql_api.client.export_command import export
from graphql_api.client.golden_record_commands import list_ as list_golden_records
from graphql_api.client.watch_command import watch

DB_CONNECTION_COMMANDS = (
    db_connection_commands.list_,
    db_connection_commands.show,
    db_connection_commands.create,
    db_connection_commands.delete,
)
FINETUNING_COMMANDS = (
    finetuning_commands.list_,
    finetuning_commands.show,
    finetuning_commands.create,
    watch,
    export,
    finetuning_commands.cancel,
    finetuning_commands.delete,
)

__all__ = ["DB_CONNECTION_COMMANDS", "FINETUNING_COMMANDS", "list_golden_records"]
