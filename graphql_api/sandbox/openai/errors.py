"""A refusal in the form of OpenAI's API."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class ApiError(Exception):
    """A call refused with ``status`` and OpenAI's ``{"error": {message, type, param, code}}``."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.param = param
        self.code = code

    def response(self, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """Return this refusal as an answer."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return JSONResponse({"error": error}, status_code=self.status, headers=headers)


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
