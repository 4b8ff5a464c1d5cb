"""What no log may have: secrets, and what says who somebody is. Known by the names of fields."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

REDACTED = "[redacted]"
# Parts of names, without what stands between words: `apikey` is in X-API-Key and in new_api_key.
SECRETS = (
    *("password", "passwd", "passphrase", "secret", "token", "credential", "authorization"),
    *("cookie", "apikey", "privatekey", "signature", "otp", "databaseurl", "brokerurl", "dsn"),
)
PERSONAL = (
    *("email", "phone", "address", "username", "firstname", "lastname", "fullname", "surname"),
    *("birth", "passport", "iban", "cardnumber", "useragent", "clientip", "remoteaddr"),
)
# Most fields are one of these, and nothing can be in it.
PLAIN = (str, int, float, type(None))
COLLECTIONS = (list, tuple, set, frozenset)
# What a database server adds to its error: the values of the row that it refused.
ROW = re.compile(r"^(DETAIL: ).*", re.MULTILINE)


class Redaction:
    """Takes the values of fields out, however deep they are; `names` are parts of names as well."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self.parts = (*SECRETS, *PERSONAL, *(letters(name) for name in names))
        self.hides = lru_cache(maxsize=1024)(self.is_hidden)

    def is_hidden(self, name: str) -> bool:
        known = letters(name)
        return any(part in known for part in self.parts)

    def of(self, value: Any) -> Any:
        """Give the same without what has to be hidden."""
        if isinstance(value, PLAIN):
            return value
        if isinstance(value, BaseModel):
            value = value.model_dump()
        if isinstance(value, Mapping):
            return {
                name: REDACTED if self.hides(str(name)) else self.of(held)
                for name, held in value.items()
            }
        if isinstance(value, COLLECTIONS):
            return [self.of(held) for held in value]
        return value

    def __call__(self, _: Any, __: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
        """Redact a line on its way through structlog."""
        clean: dict[str, Any] = self.of(line)
        if "exception" in clean:
            clean["exception"] = ROW.sub(rf"\1{REDACTED}", str(clean["exception"]))
        return clean


def letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
