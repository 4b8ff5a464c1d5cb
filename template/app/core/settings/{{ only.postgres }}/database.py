from pydantic import Field, SecretStr, field_validator

from app.core.settings.pool import PoolSettings

DRIVER = "postgresql+asyncpg"


class DatabaseSettings(PoolSettings):
    database_url: SecretStr = SecretStr("")
    database_connect_timeout: float = Field(
        default=1.5, gt=0, le=60, description="seconds until a server counts as gone"
    )

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, url: SecretStr) -> SecretStr:
        """Accept `postgres://` and `postgresql://` as hosting providers write them."""
        if not url.get_secret_value():
            raise ValueError("is not set. Set it to postgresql://USER:PASSWORD@HOST:PORT/DATABASE.")
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"postgres", "postgresql", DRIVER}:
            raise ValueError("must begin with postgresql://, followed by USER:PASSWORD@HOST/NAME.")
        return SecretStr(f"{DRIVER}://{rest}")
