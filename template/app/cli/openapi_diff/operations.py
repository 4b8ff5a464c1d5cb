"""What breaks in operations: a line each, `POST /api/v1/orders: request body is required now`."""

from collections.abc import Iterator
from typing import Any

from app.cli.openapi_diff.schemas import Comparison, resolved

Node = dict[str, Any]
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def breaking(old: Node, new: Node) -> Iterator[str]:
    """Give what breaks for a client that was written against the old document."""
    olds, news = operations(old), operations(new)
    for name, operation in olds.items():
        if name in news:
            # A line once: what stands around a choice is said of each alternative.
            for what in dict.fromkeys(Operations(old, new).changes(operation, news[name])):
                yield f"{name}: {what}"
        elif not operation.get("deprecated"):
            yield f"{name}: is gone"


def retired(old: Node, new: Node) -> Iterator[str]:
    """Give what went after it had been deprecated: it breaks no promise."""
    olds, news = operations(old), operations(new)
    for name, operation in olds.items():
        if name not in news and operation.get("deprecated"):
            yield f"{name}: is gone, and was deprecated"


def operations(document: Node) -> dict[str, Node]:
    """Name the operations, each with the parameters of its path and with its security."""
    shared = {"security": document.get("security", [])}
    return {
        f"{method.upper()} {path}": shared
        | operation
        | {"parameters": found.get("parameters", []) + operation.get("parameters", [])}
        for path, found in document.get("paths", {}).items()
        for method, operation in found.items()
        if method in METHODS
    }


class Operations:
    """Two operations of one name, in two documents."""

    def __init__(self, old: Node, new: Node) -> None:
        self.old, self.new = old, new
        self.requests = Comparison(old, new, is_request=True)
        self.responses = Comparison(old, new, is_request=False)

    def changes(self, old: Node, new: Node) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"operation id was {old.get('operationId')}, is {new.get('operationId')} now"
        yield from self.security(old, new)
        yield from self.parameters(old, new)
        yield from self.body(old.get("requestBody", {}), new.get("requestBody", {}))
        for status, response in old.get("responses", {}).items():
            if status not in new.get("responses", {}):
                yield f"response {status} is gone"
            else:
                yield from self.response(status, response, new["responses"][status])

    def security(self, old: Node, new: Node) -> Iterator[str]:
        """Whoever was let in still is: one of the new ways asks for nothing more than theirs."""
        news = ways_in(self.new, new)
        if not all(any(way <= known for way in news) for known in ways_in(self.old, old)):
            yield f"needs {' or '.join(', '.join(sorted(way)) for way in news)} now"

    def parameters(self, old: Node, new: Node) -> Iterator[str]:
        olds, news = parameters(self.old, old), parameters(self.new, new)
        for name, parameter in news.items():
            if parameter.get("required") and not olds.get(name, {}).get("required"):
                yield f"{name} is required now"
        for name, parameter in olds.items():
            if name not in news:
                yield f"{name} is gone"
                continue
            schemas = parameter.get("schema", {}), news[name].get("schema", {})
            for where, what in self.requests.changes(*schemas, name):
                yield f"{where} {what}"

    def body(self, old: Node, new: Node) -> Iterator[str]:
        old, new = resolved(self.old, old), resolved(self.new, new)
        if new.get("required") and not old.get("required"):
            yield "request body is required now"
        if old and not new:
            yield "request body is gone"
            return
        gone = "request body is no longer taken as"
        yield from bodies(old, new, self.requests, "request field", gone)

    def response(self, status: str, old: Node, new: Node) -> Iterator[str]:
        old, new = resolved(self.old, old), resolved(self.new, new)
        for header in sorted(old.get("headers", {}).keys() - new.get("headers", {}).keys()):
            yield f"response {status} header {header} is gone"
        sent = f"response {status}"
        yield from bodies(old, new, self.responses, f"{sent} field", f"{sent} is no longer sent as")


def bodies(old: Node, new: Node, comparison: Comparison, field: str, gone: str) -> Iterator[str]:
    """Compare a body in each form that it has had; `field` and `gone` begin what is said."""
    for media, content in old.get("content", {}).items():
        if media not in new.get("content", {}):
            yield f"{gone} {media}"
            continue
        schemas = content.get("schema", {}), new["content"][media].get("schema", {})
        for where, what in comparison.changes(*schemas, "body"):
            yield f"{field} {where} {what}"


def parameters(document: Node, operation: Node) -> dict[str, Node]:
    """Name the parameters, `query parameter limit`; a header is the same in capitals."""
    named = {}
    for each in operation["parameters"]:
        found = resolved(document, each)
        name = found["name"].lower() if found["in"] == "header" else found["name"]
        named[f"{found['in']} parameter {name}"] = found
    return named


def ways_in(document: Node, operation: Node) -> list[set[str]]:
    """Give what each way in asks for: schemes and scopes; an open operation asks for nothing."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    ways = []
    for way in operation["security"] or [{}]:
        asked = set()
        for name, scopes in way.items():
            scheme = resolved(document, schemes.get(name, {}))
            kind = [scheme[key] for key in ("type", "scheme", "in", "name") if key in scheme]
            asked |= {f"{name} ({' '.join(kind)})", *(f"scope {scope}" for scope in scopes)}
        ways.append(asked)
    return ways
