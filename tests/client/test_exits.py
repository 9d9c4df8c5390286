"""The exit codes of failures."""

import pytest

from graphql_api.client.exits import MEANINGS, CommandError, ExitCode, asking
from graphql_api.transfer.errors import NoAnswerError, ServerError
from tests.client.conftest import Shell
from tests.http.guarded import guarded_server


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (ServerError("x", code="BAD_USER_INPUT"), ExitCode.REFUSED),
        (ServerError("x"), ExitCode.REFUSED),
        (ServerError("x", code="FINETUNING_NOT_FOUND"), ExitCode.NOT_FOUND),
        (ServerError("x", code="FORBIDDEN"), ExitCode.NO_ACCESS),
        (NoAnswerError("x"), ExitCode.NO_ANSWER),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(refused: ServerError, code: ExitCode) -> None:
    """The message stays the server's."""
    with pytest.raises(CommandError) as told, asking("http://127.0.0.1:1", None):
        raise refused
    assert (told.value.exit_code, told.value.message) == (code, "x")


def test_each_exit_code_has_its_meaning() -> None:
    """For the documentation."""
    assert list(MEANINGS) == list(ExitCode)


async def test_a_silent_server_is_exit_code_four(shell: Shell) -> None:
    """With the remedy in one line."""
    shell.url = "http://127.0.0.1:1/graphql"
    result = await shell.run("finetunings", "list")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("Error: no server answers at http://127.0.0.1:1/graphql; ")


async def test_without_a_credential_it_is_exit_code_five(shell: Shell) -> None:
    """The line says where it goes."""
    async with guarded_server(shell.world) as guarded:
        shell.url = f"{guarded.http.base_url}/graphql"
        result = await shell.run("finetunings", "list")
    assert (result.exit_code, result.stdout) == (5, "")
    assert result.stderr.endswith("Give it with --token, or set GRAPHQL_API_TOKEN.\n")


async def test_a_credential_that_no_header_can_have_is_told(shell: Shell) -> None:
    """In one line, without the credential."""
    for token in ("k\u00e9y", "key\nnext"):
        result = await shell.run("finetunings", "list", "--token", token)
        assert (result.exit_code, result.stdout) == (5, "")
        assert result.stderr == "Error: the credential has characters that no header can have\n"
