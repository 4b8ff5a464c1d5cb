import re

from pydantic import SecretStr, field_validator

from app.core.settings.server import ServerSettings

# https://develop.sentry.dev/sdk/overview/#parsing-the-dsn
DSN = re.compile(r"https?://[\w-]+(:[\w-]+)?@[A-Za-z0-9.-]+(:[0-9]+)?/([\w.-]+/)*[0-9]+")


class SentrySettings(ServerSettings):
    sentry_dsn: SecretStr = SecretStr("")

    @field_validator("sentry_dsn")
    @classmethod
    def refuse_what_is_no_dsn(cls, dsn: SecretStr) -> SecretStr:
        """Refuse a typo: errors would go nowhere, and nobody would notice."""
        if dsn.get_secret_value() and not DSN.fullmatch(dsn.get_secret_value()):
            raise ValueError("must be https://KEY@HOST/PROJECT, with the number of the project.")
        return dsn
