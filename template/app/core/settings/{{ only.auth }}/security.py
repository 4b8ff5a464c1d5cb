from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from app.core import about
from app.core.settings.http import Rate, listed
from app.core.settings.server import Environment, ServerSettings, is_exposed

# RFC 7518, section 3.2: an HS256 key has at least the 256 bits of its hash.
MIN_SECRET_LENGTH = 32
MIN_DIFFERENT = 10

Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(listed)]


class SecuritySettings(ServerSettings):
    secret_key: SecretStr = SecretStr("")
    old_secret_keys: Secrets = ()
    token_issuer: str = Field(default=about.NAME, min_length=1, max_length=200)
    token_audience: str = Field(default=about.NAME, min_length=1, max_length=200)
    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)
    refresh_token_days: int = Field(default=30, ge=1, le=366, description="since the last use")
    refresh_grace_seconds: float = Field(default=5.0, ge=0, le=60)
    session_days: int = Field(default=90, ge=1, le=3 * 366, description="however often it is used")
    audit_origin_days: int = Field(default=180, ge=1, le=10 * 366)
    cheap_password_hashes: bool = False
    # How long what was sent by mail is good for.
    email_verification_hours: int = Field(default=24, ge=1, le=24 * 14)
    password_reset_minutes: int = Field(default=30, ge=1, le=24 * 60)
    email_change_minutes: int = Field(default=60, ge=1, le=24 * 60)
    # What guesses a password, and what sends a mail to whoever is named.
    login_limit_address: Rate = "30/minute"
    login_limit_account: Rate = "10/15 minutes"
    mail_limit_address: Rate = "60/hour"
    mail_limit_account: Rate = "5/hour"

    @field_validator("secret_key")
    @classmethod
    def refuse_a_weak_secret(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        if not secret.get_secret_value():
            raise ValueError("is not set. `make dev` writes a fresh one to `.env`.")
        if is_exposed(info):
            refuse_what_can_be_guessed(secret)
        return secret

    @field_validator("old_secret_keys")
    @classmethod
    def refuse_a_weak_old_secret(
        cls, secrets: tuple[SecretStr, ...], info: ValidationInfo
    ) -> tuple[SecretStr, ...]:
        """Check them as the one that signs: who can guess one can sign as well."""
        for secret in secrets if is_exposed(info) else ():
            refuse_what_can_be_guessed(secret)
        return secrets

    @field_validator("cheap_password_hashes")
    @classmethod
    def refuse_cheap_hashes(cls, cheap: bool, info: ValidationInfo) -> bool:
        if cheap and info.data.get("environment") is not Environment.TEST:
            raise ValueError("is on: hashes that cost nothing are for ENVIRONMENT=test alone.")
        return cheap


def refuse_what_can_be_guessed(secret: SecretStr) -> None:
    length = len(secret.get_secret_value())
    if length < MIN_SECRET_LENGTH:
        raise ValueError(
            f"has {length} characters; outside development it needs {MIN_SECRET_LENGTH} or "
            "more, chosen at random."
        )
    if len(set(secret.get_secret_value())) < MIN_DIFFERENT:
        raise ValueError("was not chosen at random: its characters are too few different ones.")
