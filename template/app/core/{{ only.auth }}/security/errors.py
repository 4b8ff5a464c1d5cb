from collections.abc import Mapping
from typing import ClassVar

from app.core.errors import Problem


class Unauthorized(Problem):
    status = 401
    code = "not_authenticated"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status = 403
    code = "forbidden"
