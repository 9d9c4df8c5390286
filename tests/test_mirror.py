"""The tests mirror the package: a module has its test file by name."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "graphql_api"

DECLARATIONS = {
    "accounts/errors.py",
    "documents/account_key.py",
    "documents/api_key.py",
    "documents/provider_account.py",
    "schema/provider_account/types.py",
    "documents/audit_entry.py",
    "schema/audit/types.py",
    "schema/db_connection/types.py",
    "schema/finetuning/status.py",
    "composition/provider_settings.py",
    "composition/start_error.py",
    "documents/db_connection.py",
    "documents/golden_record.py",
    "documents/ids.py",
    "documents/timeline.py",
    "documents/webhook_delivery.py",
    "embedded_mongod/errors.py",
    "providers/failures.py",
    "sandbox/stand_in.py",
    "schema/access/types.py",
    "scopes.py",
    "transfer/errors.py",
}
"""Documents, enums, errors, names and protocols, without logic of their own to test."""


def test_every_module_has_its_test_file() -> None:
    """A new module comes with one, and a module with one is on the list no longer."""
    modules = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")]
    without = [one for one in modules if not (ROOT / "tests" / one.with_name(f"test_{one.name}")).exists()]
    assert {one.as_posix() for one in without} == DECLARATIONS
