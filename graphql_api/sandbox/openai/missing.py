"""OpenAI's refusals for what an account does not have."""

from graphql_api.sandbox.errors import ApiError


def job_not_found(job_id: str) -> ApiError:
    """Return the refusal for a job missing in the account."""
    message = f"Could not find fine tune: {job_id}"
    return ApiError(message, status=404, param="fine_tuning_job_id", code="fine_tune_not_found")


def file_not_found(file_id: str) -> ApiError:
    """Return the refusal for a file missing in the account."""
    return ApiError(f"No such File object: {file_id}", status=404, param="id")


def model_not_found(model: str) -> ApiError:
    """Return the refusal for a model missing in the account."""
    message = f"The model '{model}' does not exist or you do not have access to it."
    return ApiError(message, status=404, param="model", code="model_not_found")
