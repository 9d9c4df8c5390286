"""A refusal in the form of OpenAI's API, which Together AI's has, too."""

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
