"""Errors as problem details (RFC 9457). Features raise; only this module knows HTTP."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

PROBLEM_JSON = "application/problem+json"
logger = logging.getLogger(__name__)


class Problem(Exception):
    """An error that a client may see. `code` is stable: clients branch on it, not on the text."""

    status: ClassVar[int]
    code: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(Problem):
    status = 404
    code = "not_found"


class Conflict(Problem):
    status = 409
    code = "conflict"


class Unavailable(Problem):
    status = 503
    code = "unavailable"


def problem_response(
    request: Request,
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    body = {
        "type": f"urn:problem:{code}",
        "code": code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **extra,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type=PROBLEM_JSON)


async def answer_problem(request: Request, problem: Problem) -> JSONResponse:
    return problem_response(request, problem.status, problem.code, problem.detail, problem.headers)


async def answer_http_exception(request: Request, error: HTTPException) -> JSONResponse:
    """Answer what the framework raises: an unknown path, a method that is not allowed."""
    code = HTTPStatus(error.status_code).name.lower()
    return problem_response(request, error.status_code, code, str(error.detail), error.headers)


async def answer_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name each field that was refused, and why; what was sent is not sent back."""
    errors = [
        {
            "field": ".".join(str(part) for part in problem["loc"]),
            "code": problem["type"],
            "detail": problem["msg"],
        }
        for problem in error.errors()
    ]
    return problem_response(
        request, 422, "invalid_request", "The request was refused.", errors=errors
    )


async def answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Answer without a word about the inside; the log has the whole story."""
    logger.error("Unexpected error", exc_info=error)
    return problem_response(request, 500, "internal_error", "Something went wrong on our side.")


def install_problem_handlers(app: FastAPI) -> None:
    app.exception_handler(Problem)(answer_problem)
    app.exception_handler(HTTPException)(answer_http_exception)
    app.exception_handler(RequestValidationError)(answer_invalid_request)
    app.exception_handler(Exception)(answer_unexpected)
