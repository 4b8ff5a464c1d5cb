from typing import Self

from pydantic import Field, SecretStr, model_validator

from app.core.settings.server import ServerSettings

# RFC 7518, section 3.2: an HS256 key has at least the 256 bits of its hash.
MIN_SECRET_LENGTH = 32


class SecuritySettings(ServerSettings):
    secret_key: SecretStr = SecretStr("")
    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)

    @model_validator(mode="after")
    def refuse_a_weak_secret(self) -> Self:
        length = len(self.secret_key.get_secret_value())
        if length == 0:
            raise ValueError("SECRET_KEY is not set. `make .env` writes a fresh one to `.env`.")
        if self.environment.is_exposed and length < MIN_SECRET_LENGTH:
            raise ValueError(
                f"SECRET_KEY has {length} characters; outside development it needs "
                f"{MIN_SECRET_LENGTH} or more, chosen at random."
            )
        return self
