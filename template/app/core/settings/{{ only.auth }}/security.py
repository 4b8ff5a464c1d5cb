from pydantic import Field, SecretStr, ValidationInfo, field_validator

from app.core.settings.server import Environment, ServerSettings

# RFC 7518, section 3.2: an HS256 key has at least the 256 bits of its hash.
MIN_SECRET_LENGTH = 32


class SecuritySettings(ServerSettings):
    secret_key: SecretStr = SecretStr("")
    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)

    @field_validator("secret_key")
    @classmethod
    def refuse_a_weak_secret(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        environment: Environment = info.data.get("environment", Environment.PRODUCTION)
        length = len(secret.get_secret_value())
        if length == 0:
            raise ValueError("is not set. `make dev` writes a fresh one to `.env`.")
        if environment.is_exposed and length < MIN_SECRET_LENGTH:
            raise ValueError(
                f"has {length} characters; outside development it needs {MIN_SECRET_LENGTH} or "
                "more, chosen at random."
            )
        return secret
