from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.core.errors import PROBLEM_JSON, Conflict, raises
from app.core.settings import Settings
from app.main import create_app


@pytest.fixture
def document(settings: Settings) -> dict[str, Any]:
    return create_app(settings).openapi()


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def test_every_operation_declares_its_errors_as_problems(document: dict[str, Any]) -> None:
    for operation in operations(document):
        errors = {int(status) for status in operation["responses"] if int(status) >= 400}
        assert errors >= {400, 500, 503}, operation["operationId"]
        if "requestBody" in operation:
            assert errors >= {413, 422}
        if "security" in operation:
            assert 401 in errors
        for status in errors:
            assert list(operation["responses"][str(status)]["content"]) == [PROBLEM_JSON]


def test_what_a_dependency_raises_is_declared(app: FastAPI) -> None:
    class Taken(Conflict):
        code = "taken"

    @app.get("/taken")
    @raises(Taken)
    async def taken() -> None:
        raise Taken("Somebody was faster.")

    declared = app.openapi()["paths"]["/taken"]["get"]["responses"]["409"]
    assert declared["description"] == "Conflict: `taken`"


def inputs(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every part of every request: where it stands, and its schema."""
    for operation in operations(document):
        name = operation["operationId"]
        for parameter in operation.get("parameters", ()):
            yield from parts(document, f"{name} {parameter['name']}", parameter["schema"])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield from parts(document, name, content["schema"])


def parts(
    document: dict[str, Any], where: str, schema: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if reference := schema.get("$ref"):
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    yield where, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(document, f"{where}.{name}", part)
    for part in [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]:
        yield from parts(document, where, part)


def test_a_request_refuses_fields_that_it_does_not_know(document: dict[str, Any]) -> None:
    for operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        # A form is as OAuth 2.0 has it, which ignores the rest.
        schema = content.get("application/json", {}).get("schema", {})
        for where, part in parts(document, operation["operationId"], schema):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False, where


def test_every_text_of_a_request_has_a_length(document: dict[str, Any]) -> None:
    for where, schema in inputs(document):
        if schema.get("type") == "string" and not schema.keys() & {"enum", "const"}:
            has_length = schema.get("format") in {"uuid", "date", "date-time", "time"}
            assert has_length or "maxLength" in schema, where


def test_no_request_names_an_address_to_ask(document: dict[str, Any]) -> None:
    """Who adds one keeps others from choosing what the service asks: docs/security.md, API7."""
    for where, schema in inputs(document):
        assert schema.get("format") not in {"uri", "uri-reference", "url", "hostname"}, where


def test_an_operation_is_called_as_its_function(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.islower() for name in names)
