"""What an account does not have is refused in OpenAI's words."""

import pytest

from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.openai.missing import file_not_found, job_not_found, model_not_found


@pytest.mark.parametrize(
    ("refusal", "message", "param", "code"),
    [
        (job_not_found("x"), "Could not find fine tune: x", "fine_tuning_job_id", "fine_tune_not_found"),
        (file_not_found("x"), "No such File object: x", "id", None),
        (
            model_not_found("x"),
            "The model 'x' does not exist or you do not have access to it.",
            "model",
            "model_not_found",
        ),
    ],
)
def test_what_is_missing_is_named(refusal: ApiError, message: str, param: str, code: str | None) -> None:
    """A missing job, file or model is a 404 with the parameter at fault."""
    assert (refusal.status, refusal.message, refusal.param, refusal.code) == (404, message, param, code)
