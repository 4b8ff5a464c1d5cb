"""What the API document says of errors: for each operation, those that it can answer."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from app.core.errors import PROBLEM_JSON, phrase
from app.core.http.health import is_health

Json = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"


class InvalidField(BaseModel):
    """A part of a request that was refused."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable; the texts are not."""

    type: str
    code: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[InvalidField] | None = None


# What any operation may answer: by status, its code.
ALWAYS = {400: "bad_request", 500: "internal_error", 503: "unavailable"}
WHERE_COUNTED = {429: "too_many_requests"}
WITH_INPUT = {422: "invalid_request"}
WITH_BODY = {413: "content_too_large"}


class Service(FastAPI):
    """An application whose API document names its errors."""

    def openapi(self) -> Json:
        """Give the document; it is made again where operations were added."""
        known = self.openapi_schema
        document = super().openapi()
        if document is not known:
            declared = dict(declarations(self))
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    declare(operation, path, declared.get(operation["operationId"], set()))
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas |= problem_schemas()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        return document


def declarations(app: FastAPI) -> Iterator[tuple[str, set[tuple[int, str]]]]:
    """Give, by operation, what it and its dependencies declare with `raises`."""
    for context in iter_route_contexts(app.routes):
        if isinstance(dependant := getattr(context, "dependant", None), Dependant):
            yield str(context.unique_id), set(outcomes(dependant))


def outcomes(dependant: Dependant) -> Iterator[tuple[int, str]]:
    models = (field.field_info.annotation for field in dependant.query_params)
    for declaring in (dependant.call, *models):
        for outcome in getattr(declaring, "raises", ()):
            yield outcome.status, getattr(outcome, "code", "")
    for dependency in dependant.dependencies:
        yield from outcomes(dependency)


def declare(operation: Json, path: str, declared: set[tuple[int, str]]) -> None:
    """Add to an operation what it may answer instead."""
    common = ALWAYS | ({} if is_health(path) else WHERE_COUNTED)
    if "parameters" in operation or "requestBody" in operation:
        common |= WITH_INPUT
    if "requestBody" in operation:
        common |= WITH_BODY
    responses = operation["responses"]
    responses.pop("422", None)
    for status, code in sorted(declared | set(common.items())):
        answer = responses.setdefault(str(status), response(status))
        if code:
            separator = ", " if answer["description"].endswith("`") else ": "
            answer["description"] += f"{separator}`{code}`"


def response(status: int) -> Json:
    """Describe an answer: a problem, but for one that is no error."""
    described: Json = {"description": phrase(status)}
    if status >= HTTPStatus.BAD_REQUEST:
        schema = {"$ref": REFERENCE.format(model="Problem")}
        described["content"] = {PROBLEM_JSON: {"schema": schema}}
    return described


def problem_schemas() -> Json:
    schema = Problem.model_json_schema(ref_template=REFERENCE)
    return {**schema.pop("$defs"), "Problem": schema}
