"""Whether everything that one schema describes is accepted by another, and where it is not.

What a client may send by the old document has to be accepted by the new one, and what the service
may send by the new document has to be what the old one says: that is one question, asked in either
direction. A keyword that is not named here is compared as it stands, and a change of it breaks.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

Schema = dict[str, Any]

UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
# Nobody measures what an answer holds.
MEASURES = UPPER | LOWER | {"pattern", "multipleOf", "uniqueItems"}
# Compared by rules of their own.
STRUCTURE = {"type", "properties", "required", "additionalProperties", "items", "prefixItems"}
# They accept and refuse nothing.
ANNOTATIONS = {"title", "description", "default", "example", "examples", "deprecated"}
ANNOTATIONS |= {"readOnly", "writeOnly", "discriminator", "$defs", "$comment", "externalDocs"}
ANY: Schema = {}
# Where a schema keeps the name by which it was referred to.
NAME = "x-name"


class Comparison:
    """The schemas of two documents, in the direction of requests or in that of responses."""

    def __init__(self, old: Schema, new: Schema, *, is_request: bool) -> None:
        self.old, self.new = old, new
        self.is_request = is_request
        # What is being compared: a schema may hold itself.
        self.begun: set[tuple[str, str]] = set()

    def changes(self, old: Any, new: Any, where: str) -> Iterator[tuple[str, str]]:
        """Give what breaks: (the field, what happened to it).

        Each alternative of the side that sends needs one of the other side that accepts it.
        """
        pair = (str(old), str(new))
        if pair in self.begun:
            return
        self.begun.add(pair)
        olds, news = alternatives(self.old, old), alternatives(self.new, new)
        is_named = False
        for given in olds if self.is_request else news:
            known = [each for each in (news if self.is_request else olds) if fits(given, each)]
            found = [list(self.of_one(*self.in_time(given, each), where)) for each in known]
            if found:
                yield from min(found, key=len)
            elif not is_named:
                is_named = True
                yield where, f"was {names(olds)}, is {names(news)} now"
        self.begun.discard(pair)

    def in_time(self, given: Schema, taken: Schema) -> tuple[Schema, Schema]:
        """Give the older one first, of what one side sends and the other takes; or the reverse."""
        return (given, taken) if self.is_request else (taken, given)

    def of_one(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        """Compare two alternatives that are none of several."""
        yield from self.keywords(old, new, where)
        yield from self.fields(old, new, where)
        if "items" in old or "items" in new:
            yield from self.changes(old.get("items", ANY), new.get("items", ANY), f"{where}[]")
        places = zip_longest(old.get("prefixItems", []), new.get("prefixItems", []), fillvalue=ANY)
        for number, (before, after) in enumerate(places):
            yield from self.changes(before, after, f"{where}[{number}]")

    def keywords(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        given, taken = self.in_time(old, new)
        passed_over = STRUCTURE | ANNOTATIONS | (set() if self.is_request else MEASURES)
        for keyword in sorted(taken.keys() - passed_over):
            is_ours = keyword.startswith("x-")
            if not is_ours and not is_kept(keyword, given.get(keyword), taken[keyword]):
                values = shown(old.get(keyword)), shown(new.get(keyword))
                yield where, f"had {keyword} {values[0]}, has {values[1]} now"

    def fields(self, old: Schema, new: Schema, where: str) -> Iterator[tuple[str, str]]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        needed = set(old.get("required", [])), set(new.get("required", []))
        for name in olds:
            if name not in news:
                yield f"{where}.{name}", "is gone"
            else:
                yield from self.changes(olds[name], news[name], f"{where}.{name}")
                if not self.is_request and name in needed[0] - needed[1]:
                    yield f"{where}.{name}", "may be absent now"
        if self.is_request:
            for name in sorted(needed[1] - needed[0]):
                yield f"{where}.{name}", "is required now"
        others = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if False not in others and others != (True, True):
            yield from self.changes(*others, f"{where}.*")
        elif self.is_request and others[1] is False and others[0] is not False:
            yield where, "refuses unknown fields now"


def is_kept(keyword: str, given: Any, taken: Any) -> bool:
    """Tell whether a keyword refuses nothing that was accepted by what is given for it."""
    if given is None:
        return False
    if keyword in UPPER:
        return bool(given <= taken)
    if keyword in LOWER:
        return bool(given >= taken)
    if keyword == "enum":
        return all(value in taken for value in given)
    return bool(given == taken)


def fits(given: Schema, taken: Schema) -> bool:
    """Tell whether the type of one is accepted by the other."""
    types = given.get("type"), taken.get("type")
    return types[1] is None or types[0] == types[1] or types == ("integer", "number")


def names(found: list[Schema]) -> str:
    listed = [each.get(NAME) or each.get("type", "anything") for each in found]
    return " or ".join(listed) or "nothing"


def shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def alternatives(document: Schema, schema: Any) -> list[Schema]:
    """Give the schemas of which a value has to match one, each without a reference or a choice."""
    if isinstance(schema, bool):
        return [{}] if schema else []
    whole = merged(document, resolved(document, schema))
    if (choice := next((key for key in ("anyOf", "oneOf") if key in whole), None)) is not None:
        around = {key: value for key, value in whole.items() if key not in (choice, NAME)}
        parts = [alternatives(document, part) for part in whole[choice]]
        return [around | each for part in parts for each in part]
    if isinstance(whole.get("type"), list):
        return [with_type(whole, each) for each in whole["type"]]
    if "const" in whole:
        whole = {key: value for key, value in whole.items() if key != "const"} | {
            "enum": [whole["const"]]
        }
    return [whole]


def with_type(schema: Schema, kind: str) -> Schema:
    """Give one of the types of a schema that has several; null has no other keyword."""
    return {"type": "null"} if kind == "null" else schema | {"type": kind}


def merged(document: Schema, schema: Schema) -> Schema:
    """Take the parts of an `allOf` together."""
    if "allOf" not in schema:
        return schema
    whole = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        found = merged(document, resolved(document, part))
        fields = whole.get("properties", {}) | found.get("properties", {})
        required = [*whole.get("required", []), *found.get("required", [])]
        whole = found | whole | {"properties": fields, "required": required}
    return whole


def resolved(document: Schema, node: Schema) -> Schema:
    """Follow references within the document, and keep the last name."""
    while "$ref" in node:
        *path, name = node["$ref"].removeprefix("#/").split("/")
        found = document
        for step in (*path, name):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found | {key: value for key, value in node.items() if key != "$ref"}
        node = {**node, NAME: name} if path[-1:] == ["schemas"] else node
    return node
