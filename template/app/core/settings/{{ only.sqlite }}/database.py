from pathlib import PurePath

from pydantic import SecretStr, ValidationInfo, field_validator

from app.core.settings.pool import PoolSettings
from app.core.settings.server import is_exposed

DRIVER = "sqlite+aiosqlite"


class DatabaseSettings(PoolSettings):
    database_url: SecretStr = SecretStr(f"{DRIVER}:///var/app.db")

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        """Accept `sqlite:///path` as people write it."""
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"sqlite", DRIVER}:
            raise ValueError("must begin with sqlite:///, followed by the path of a file.")
        path = rest.removeprefix("/").partition("?")[0]
        if path in {"", ":memory:"}:
            raise ValueError("must name a file: in memory each connection has a database apart.")
        if is_exposed(info) and not PurePath(path).is_absolute():
            raise ValueError("must be the whole path of a file: sqlite:////srv/data/app.db.")
        return SecretStr(f"{DRIVER}://{rest}")
