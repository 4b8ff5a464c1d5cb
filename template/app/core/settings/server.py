from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator

from app.core.settings.base import SettingsGroup


class Environment(StrEnum):
    """Where the service runs. The default is the strictest, so a forgotten variable is safe."""

    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def is_exposed(self) -> bool:
        """Whether strangers may reach it."""
        return self in {Environment.STAGING, Environment.PRODUCTION}


class ServerSettings(SettingsGroup):
    environment: Environment = Environment.PRODUCTION
    debug: bool = False
    ready_timeout: float = Field(
        default=1.5, gt=0, le=60, description="seconds that a readiness check may take"
    )
    server_drain: float | None = Field(
        default=None, ge=0, le=600, description="seconds that are served on after SIGTERM"
    )
    server_grace: int = Field(
        default=8, ge=1, le=3600, description="seconds that open requests have to end in then"
    )
    docs: bool | None = Field(
        default=None, description="whether `/docs` and `/openapi.json` are served"
    )

    @property
    def shows_docs(self) -> bool:
        """Whether strangers may read what the API is: where nobody said so, not in production."""
        if self.docs is None:
            return self.environment is not Environment.PRODUCTION
        return self.docs

    @property
    def drain(self) -> float:
        """Seconds until a load balancer has noticed; where none is in front, nobody waits."""
        if self.server_drain is None:
            return 5.0 if self.environment.is_exposed else 0.0
        return self.server_drain

    @field_validator("debug")
    @classmethod
    def refuse_to_tell_all(cls, debug: bool, info: ValidationInfo) -> bool:
        if debug and is_exposed(info):
            raise ValueError("is on: outside development the log must not have what users send.")
        return debug


def is_exposed(info: ValidationInfo) -> bool:
    """Say whether strangers may reach it; an environment that is none counts as the strictest."""
    environment: Environment = info.data.get("environment", Environment.PRODUCTION)
    return environment.is_exposed
