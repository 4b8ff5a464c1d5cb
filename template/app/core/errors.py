"""Errors as problem details (RFC 9457). Features raise; only this module knows HTTP."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPMethod, HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from app.core.http.request_id import request_id

PROBLEM_JSON = "application/problem+json"
logger = logging.getLogger(__name__)

RENAMED = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}

Function = TypeVar("Function", bound=Callable[..., Any])


class Problem(Exception):
    """An error that a client may see. `code` is stable: clients branch on it, not on the text.

    What a request has written is undone with it, unless it says `commits`: a refusal that has to
    leave something behind, as a line of a log that nobody may get around by being refused.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    commits: ClassVar[bool] = False
    headers: Mapping[str, str] = MappingProxyType({})
    # Members of the answer beside those that every problem has (RFC 9457, section 3.2).
    extra: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidRequest(Problem):
    """What was sent cannot be taken; each error names its `field`, and says `code` and `detail`."""

    status = 422
    code = "invalid_request"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("The request was refused.")
        self.extra = {"errors": errors}


class NotModified(Exception):
    """A client has what it asks for, and is told so (RFC 9110, section 15.4.5)."""

    status: ClassVar[int] = 304

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def raises(*outcomes: type[Problem | NotModified]) -> Callable[[Function], Function]:
    """Declare what an operation, or a dependency of one, may answer instead: the API document says
    so for each operation that has it.
    """

    def declare(function: Function) -> Function:
        function.__dict__["raises"] = outcomes
        return function

    return declare


class NotFound(Problem):
    status = 404
    code = "not_found"


class Conflict(Problem):
    status = 409
    code = "conflict"


class Unavailable(Problem):
    status = 503
    code = "unavailable"
    headers = MappingProxyType({"Retry-After": "5"})  # seconds


def phrase(status: int) -> str:
    """Name a status as RFC 9110 does; what Python says depends on its version."""
    return RENAMED.get(status) or HTTPStatus(status).phrase


def code_of(status: int) -> str:
    return phrase(status).lower().replace(" ", "_").replace("-", "_")


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
        "title": phrase(status),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request_id.get(),
        **extra,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type=PROBLEM_JSON)


async def answer_problem(request: Request, problem: Problem) -> JSONResponse:
    return problem_response(
        *(request, problem.status, problem.code, problem.detail, problem.headers), **problem.extra
    )


async def answer_http_exception(request: Request, error: HTTPException) -> JSONResponse:
    """Answer what the framework raises: an unknown path, a method that is not allowed."""
    code = code_of(error.status_code)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(request))
    return problem_response(request, error.status_code, code, f"{error.detail}.", headers)


def allowed_methods(request: Request) -> list[str]:
    """Name the methods that a path knows; the framework's own answer has those of one route."""
    routes = request.app.router.routes
    scopes = {method.value: {**request.scope, "method": method.value} for method in HTTPMethod}
    return [
        method
        for method, scope in scopes.items()
        if any(
            route.matches(scope)[0] is Match.FULL
            for route in routes
            if not isinstance(route, Mount)  # it matches whatever the method is
        )
    ] or ["GET", "HEAD"]  # of the files that are served


async def answer_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name each field that was refused, and why; what was sent is not sent back."""
    errors = [
        {
            "field": ".".join(str(part) for part in problem["loc"]),
            "code": problem["type"],
            "detail": problem["msg"].removeprefix("Value error, "),
        }
        for problem in error.errors()
    ]
    return await answer_problem(request, InvalidRequest(errors))


async def answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Answer without a word about the inside; the log has the whole story."""
    logger.error("Unexpected error in the request %s", request_id.get(), exc_info=error)
    return problem_response(request, 500, "internal_error", "Something went wrong on our side.")


async def answer_not_modified(_: Request, answer: NotModified) -> Response:
    return Response(status_code=answer.status, headers={"ETag": answer.tag})


def install_problem_handlers(app: FastAPI) -> None:
    app.exception_handler(Problem)(answer_problem)
    app.exception_handler(HTTPException)(answer_http_exception)
    app.exception_handler(RequestValidationError)(answer_invalid_request)
    app.exception_handler(NotModified)(answer_not_modified)
    app.exception_handler(Exception)(answer_unexpected)
