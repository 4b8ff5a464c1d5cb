from pydantic import Field, SecretStr, field_validator

from app.core.settings.base import SettingsGroup

DRIVER = "sqlite+aiosqlite"


class DatabaseSettings(SettingsGroup):
    database_url: SecretStr = SecretStr(f"{DRIVER}:///var/app.db")
    database_pool_size: int = Field(default=8, ge=1, le=100, description="connections at most")

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, url: SecretStr) -> SecretStr:
        """Accept `sqlite:///path` as people write it."""
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"sqlite", DRIVER}:
            raise ValueError("must begin with sqlite:///, followed by the path of a file.")
        return SecretStr(f"{DRIVER}://{rest}")
