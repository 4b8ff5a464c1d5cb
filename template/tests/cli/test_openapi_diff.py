"""Each rule once where it breaks clients, and once where it does not."""

from typing import Any

import pytest

from app.cli.openapi import document
from app.cli.openapi_diff.operations import breaking, retired

Node = dict[str, Any]
TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def api(operation: Node, **components: Node) -> Node:
    """Give a document of one operation."""
    return {"paths": {"/a": {"post": {"operationId": "a"} | operation}}, "components": components}


def changes(old: Node, new: Node, **components: Node) -> list[str]:
    found = list(breaking(api(old, **components), api(new, **components)))
    assert all(line.startswith("POST /a: ") for line in found)
    return [line.removeprefix("POST /a: ") for line in found]


def request(schema: Any, media: str = "application/json") -> Node:
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


def response(schema: Any, media: str = "application/json") -> Node:
    return {"responses": {"200": {"content": {media: {"schema": schema}}}}}


def fields(*required: str, **properties: Any) -> Node:
    return {"type": "object", "properties": properties, "required": [*required]}


def parameter(where: str = "query", **more: Any) -> Node:
    return {"parameters": [{"in": where, "name": "Limit", "schema": NUMBER} | more]}


def either(*schemas: Node) -> Node:
    return {"anyOf": [*schemas]}


def secured(*ways: Node) -> Node:
    return {"security": [*ways]}


# What changes: (the operation before, the operation after, what breaks)
OPERATIONS: dict[str, tuple[Node, Node, str]] = {
    "operation id": ({}, {"operationId": "b"}, "operation id was a, is b now"),
    "parameter gone": (parameter(), {}, "query parameter Limit is gone"),
    "parameter new": ({}, parameter(), ""),
    "parameter new and needed": ({}, parameter(required=True), "query parameter Limit is required"),
    "parameter needed": (
        parameter(),
        parameter(required=True),
        "query parameter Limit is required",
    ),
    "parameter not needed": (parameter(required=True), parameter(), ""),
    "header in capitals": (parameter("header", name="limit"), parameter("header"), ""),
    "parameter moved": (parameter("header"), parameter("cookie"), "header parameter limit is gone"),
    "parameter narrowed": (
        parameter(),
        parameter(schema=NUMBER | {"maximum": 9}),
        "query parameter Limit had maximum none, has 9 now",
    ),
    "body gone": (request(TEXT), {}, "request body is gone"),
    "body needed": ({}, request(TEXT), "request body is required now"),
    "body new": ({}, {"requestBody": {"content": {}}}, ""),
    "media type of a request": (
        request(TEXT, "text/csv"),
        request(TEXT),
        "request body is no longer taken as text/csv",
    ),
    "status gone": (response(TEXT), {"responses": {"201": {}}}, "response 200 is gone"),
    "status new": ({"responses": {}}, response(TEXT), ""),
    "media type of a response": (
        response(TEXT, "text/csv"),
        response(TEXT),
        "response 200 is no longer sent as text/csv",
    ),
    "header of a response gone": (
        {"responses": {"200": {"headers": {"ETag": {}}}}},
        {"responses": {"200": {}}},
        "response 200 header ETag is gone",
    ),
    "security": ({}, secured({"key": []}), "needs key (apiKey header) now"),
    "security or open": ({}, secured({"key": []}, {}), ""),
    "security gone": (secured({"key": []}), {}, ""),
    "another way in": (secured({"key": []}), secured({"key": []}, {"token": []}), ""),
    "a way in gone": (
        secured({"key": []}, {"token": []}),
        secured({"key": []}),
        "needs key (apiKey header) now",
    ),
    "a scope more": (
        secured({"token": []}),
        secured({"token": ["all"]}),
        "needs scope all, token (oauth2) now",
    ),
}

# Where what breaks a response is what breaks a request.
SAME = "="
# What changes: (the schema before, the schema after, what breaks a request, what breaks a response)
SCHEMAS: dict[str, tuple[Node, Node, str, str]] = {
    "nothing": (fields("a", a=TEXT), fields("a", a=TEXT), "", ""),
    "texts": (TEXT | {"title": "A"}, TEXT | {"title": "B", "examples": ["c"]}, "", ""),
    "field gone": (fields(a=TEXT), fields(), "body.a is gone", "body.a is gone"),
    "field new": (fields(), fields(a=TEXT), "", ""),
    "needed": (fields(a=TEXT), fields("a", a=TEXT), "body.a is required now", ""),
    "not needed": (fields("a", a=TEXT), fields(a=TEXT), "", "body.a may be absent now"),
    "new, needed": (fields(), fields("a", a=TEXT), "body.a is required now", ""),
    "type": (TEXT, NUMBER, "body was string, is integer now", SAME),
    "narrower number": (
        {"type": "number"},
        NUMBER,
        "body was number, is integer now",
        "",
    ),
    "no type": ({}, TEXT, "body was anything, is string now", ""),
    "null": (either(TEXT, NOTHING), TEXT, "body was string or null, is string now", ""),
    "null too": (TEXT, {"type": ["string", "null"]}, "", "body was string, is string or null now"),
    "same in other words": (
        either(TEXT | {"maxLength": 3}, NOTHING),
        {"type": ["string", "null"], "maxLength": 3},
        "",
        "",
    ),
    "within a choice": (
        fields(a=either(TEXT, NOTHING)),
        fields(a=either(TEXT | {"maxLength": 3}, NOTHING)),
        "body.a had maxLength none, has 3 now",
        "",
    ),
    "the nearest of a choice": (
        TEXT,
        either(TEXT | {"maxLength": 3, "minLength": 1}, TEXT | {"maxLength": 3}),
        "body had maxLength none, has 3 now",
        "",
    ),
    "around a choice": (
        either(TEXT, NUMBER),
        either(TEXT, NUMBER) | {"maximum": 3},
        "body had maximum none, has 3 now",
        "",
    ),
    "of one of two types": (
        {"type": ["string", "null"]},
        {"type": ["string", "null"], "maxLength": 3},
        "body had maxLength none, has 3 now",
        "",
    ),
    "fewer values": ({"enum": ["a", "b"]}, {"enum": ["a"]}, "body had enum a, b, has a now", ""),
    "more values": ({"const": "a"}, {"enum": ["a", "b"]}, "", "body had enum a, has a, b now"),
    "any value": ({"enum": ["a"]}, {}, "", "body had enum a, has none now"),
    "upper limit": ({"maximum": 9}, {"maximum": 8}, "body had maximum 9, has 8 now", ""),
    "higher upper limit": ({"maxLength": 8}, {"maxLength": 9}, "", ""),
    "lower limit": ({"minLength": 1}, {"minLength": 2}, "body had minLength 1, has 2 now", ""),
    "lower lower limit": ({"minimum": 2}, {"minimum": 1}, "", ""),
    "pattern": ({"pattern": "a"}, {"pattern": "b"}, "body had pattern a, has b now", ""),
    "no pattern": ({"pattern": "a"}, {}, "", ""),
    "format": (TEXT, TEXT | {"format": "uuid"}, "body had format none, has uuid now", ""),
    "no format": (TEXT | {"format": "uuid"}, TEXT, "", "body had format uuid, has none now"),
    "never heard of": ({"odd": 1}, {"odd": 2}, "body had odd 1, has 2 now", SAME),
    "of our own": ({"x-odd": 1}, {"x-odd": 2}, "", ""),
    "items": ({"items": TEXT}, {"items": NUMBER}, "body[] was string, is integer now", SAME),
    "tuple": (
        {"prefixItems": [TEXT]},
        {"prefixItems": [NUMBER]},
        "body[0] was string, is inte",
        SAME,
    ),
    "no items": ({"items": TEXT}, {"items": False}, "body[] was string, is nothing now", ""),
    "other fields": ({}, {"additionalProperties": False}, "body refuses unknown fields now", ""),
    "no other fields": ({"additionalProperties": False}, {}, "", ""),
    "values": (
        {"additionalProperties": TEXT},
        {"additionalProperties": NUMBER},
        "body.* was string, is integer now",
        SAME,
    ),
    "parts": ({"allOf": [fields(a=TEXT)]}, {"allOf": [fields()]}, "body.a is gone", SAME),
    "parts and whole": (fields("a", a=TEXT), {"allOf": [fields("a", a=TEXT)]}, "", ""),
}


def agrees(found: list[str], expected: str) -> bool:
    return len(found) == bool(expected) and all(line.startswith(expected) for line in found)


@pytest.mark.parametrize(("old", "new", "expected"), OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_breaks_where_a_client_could_not_call_it_as_before(
    old: Node, new: Node, expected: str
) -> None:
    schemes = {"key": {"type": "apiKey", "in": "header"}, "token": {"type": "oauth2"}}
    found = changes(old, new, securitySchemes=schemes)
    assert agrees(found, expected), found


@pytest.mark.parametrize(("old", "new", "sent", "got"), SCHEMAS.values(), ids=SCHEMAS)
def test_a_request_breaks_where_less_is_taken_and_a_response_where_more_may_come(
    old: Node, new: Node, sent: str, got: str
) -> None:
    found = changes(request(old), request(new))
    assert agrees(found, f"request field {sent}" if sent else ""), found
    got = sent if got == SAME else got
    found = changes(response(old), response(new))
    assert agrees(found, f"response 200 field {got}" if got else ""), found


def test_references_are_followed_and_a_schema_may_hold_itself() -> None:
    def tree(**more: Node) -> Node:
        branches = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
        return {"schemas": {"Tree": fields(left=branches, name=TEXT) | more}}

    body = request({"$ref": "#/components/schemas/Tree"})
    old, new = tree(), tree(properties={"name": NUMBER})
    assert list(breaking(api(body, **old), api(body, **old))) == []
    assert list(breaking(api(body, **old), api(body, **new))) == [
        "POST /a: request field body.left is gone",
        "POST /a: request field body.name was string, is integer now",
    ]


def test_a_parameter_of_the_path_and_the_security_of_the_document_count() -> None:
    old, new = api({}), api({})
    new["paths"]["/a"] |= parameter(required=True)
    new["security"] = [{"key": []}]
    assert list(breaking(old, new)) == [
        "POST /a: needs key () now",
        "POST /a: query parameter Limit is required now",
    ]


def test_an_operation_may_go_after_it_was_deprecated() -> None:
    old, new = api({}), dict[str, Any](paths={})
    assert (list(breaking(old, new)), list(retired(old, new))) == (["POST /a: is gone"], [])
    old = api({"deprecated": True})
    assert (list(breaking(old, new)), list(retired(old, new))) == (
        [],
        ["POST /a: is gone, and was deprecated"],
    )


def test_this_service_breaks_nothing_for_clients_of_its_own() -> None:
    assert list(breaking(document(), document())) == []
