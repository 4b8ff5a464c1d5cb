from pydantic import Field, field_validator

from app.core.settings.base import SettingsGroup

# Connections that no request holds: for readiness checks, and for what runs beside requests.
KEPT_FREE = 2


class PoolSettings(SettingsGroup):
    database_pool_size: int = Field(default=10, le=100, description="connections at most")

    @field_validator("database_pool_size")
    @classmethod
    def leave_some_to_requests(cls, size: int) -> int:
        if size <= KEPT_FREE:
            raise ValueError(
                f"must be {KEPT_FREE + 1} or more: {KEPT_FREE} connections are kept free for "
                "readiness checks and background work."
            )
        return size

    @property
    def max_sessions(self) -> int:
        """Requests that hold a session at once."""
        return self.database_pool_size - KEPT_FREE
