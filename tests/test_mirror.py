"""The tests mirror the package: a module has its test file by name."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "graphql_api"

DECLARATIONS = {
    "access/errors.py",
    "documents/api_key.py",
    "documents/db_connection.py",
    "documents/golden_record.py",
    "documents/ids.py",
    "documents/timeline.py",
    "documents/webhook_delivery.py",
    "embedded_mongod/errors.py",
    "schema/access/types.py",
    "scopes.py",
}
"""Documents, enums, errors and names, without logic of their own to test."""

TESTED_IN_OTHER_FILES = {
    "catalogue/duplicates.py",
    "catalogue/sql_parser.py",
    "composition/app.py",
    "composition/check.py",
    "composition/mongodb.py",
    "composition/server.py",
    "composition/start_error.py",
    "finetunings/cancel_many.py",
    "finetunings/give_up.py",
    "finetunings/update.py",
    "following/followers.py",
    "following/resume_points.py",
    "http/graphql/graphiql.py",
    "http/graphql/subscribers.py",
    "http/rest.py",
    "providers/openai/pages.py",
    "providers/openai/wording.py",
    "providers/port.py",
    "schema/arguments.py",
    "schema/context.py",
    "schema/db_connection/mutations.py",
    "schema/db_connection/queries.py",
    "schema/db_connection/types.py",
    "schema/enums.py",
    "schema/execution/limits.py",
    "schema/execution/observation.py",
    "schema/finetuning/inputs.py",
    "schema/finetuning/queries.py",
    "schema/finetuning/status.py",
    "schema/finetuning/types.py",
    "schema/golden_record/mutations.py",
    "schema/golden_record/queries.py",
    "schema/golden_record/types.py",
    "schema/scalars.py",
    "transfer/client.py",
    "transfer/exporting.py",
    "transfer/importing.py",
}
"""Modules with their tests in the files of their callers. The list only gets shorter."""


def test_every_module_has_its_test_file() -> None:
    """A new module comes with one, and a module with one is on the list no longer."""
    modules = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")]
    without = [one for one in modules if not (ROOT / "tests" / one.with_name(f"test_{one.name}")).exists()]
    assert {one.as_posix() for one in without} == DECLARATIONS | TESTED_IN_OTHER_FILES
