from enum import StrEnum

from pydantic import Field

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
    ready_timeout: float = Field(
        default=2.0, gt=0, le=60, description="seconds that a readiness check may take"
    )
