from collections.abc import Collection
from types import MappingProxyType

from app.core.errors import InvalidRequest, Problem


class Unauthorized(Problem):
    status = 401
    code = "not_authenticated"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status = 403
    code = "forbidden"


class MissingScope(Forbidden):
    def __init__(self, missing: Collection[str]) -> None:
        named = " ".join(sorted(missing))
        super().__init__(f"This needs what you have not: {named}.")
        # RFC 6750, section 3.1.
        challenge = f'Bearer error="insufficient_scope", scope="{named}"'
        self.headers = {"WWW-Authenticate": challenge}


class FieldRefused(InvalidRequest):
    """A field that something beside the request makes invalid, refused as all invalid ones are."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__([{"field": f"body.{field}", "code": code, "detail": detail}])
