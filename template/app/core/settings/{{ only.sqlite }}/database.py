from pydantic import SecretStr, field_validator

from app.core.settings.pool import PoolSettings

DRIVER = "sqlite+aiosqlite"


class DatabaseSettings(PoolSettings):
    database_url: SecretStr = SecretStr(f"{DRIVER}:///var/app.db")

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, url: SecretStr) -> SecretStr:
        """Accept `sqlite:///path` as people write it."""
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"sqlite", DRIVER}:
            raise ValueError("must begin with sqlite:///, followed by the path of a file.")
        return SecretStr(f"{DRIVER}://{rest}")
