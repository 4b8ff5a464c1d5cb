from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from app.core.settings.server import ServerSettings

# Connections that no request holds: for readiness checks, and for what runs beside requests.
KEPT_FREE = 2


class PoolSettings(ServerSettings):
    database_pool_size: int = Field(default=10, le=100, description="connections at most")
    database_max_sessions: int | None = Field(
        default=None, ge=1, description="requests that hold a session at once"
    )
    database_statement_timeout: float = Field(default=10.0, gt=0, le=3600, description="seconds")

    @field_validator("database_pool_size")
    @classmethod
    def leave_some_to_requests(cls, size: int) -> int:
        if size <= KEPT_FREE:
            raise ValueError(
                f"must be {KEPT_FREE + 1} or more: {KEPT_FREE} connections are kept free for "
                "readiness checks and background work."
            )
        return size

    @field_validator("database_max_sessions", mode="before")
    @classmethod
    def derive_from_the_pool(cls, sessions: Any) -> Any:
        """Take an empty variable for one that is not set."""
        return sessions or None

    @field_validator("database_max_sessions")
    @classmethod
    def keep_some_free(cls, sessions: int | None, info: ValidationInfo) -> int | None:
        size = info.data.get("database_pool_size")
        if sessions and size and sessions > size - KEPT_FREE:
            raise ValueError(
                f"must be {size - KEPT_FREE} or less: DATABASE_POOL_SIZE is {size}, and "
                f"{KEPT_FREE} connections are kept free."
            )
        return sessions

    @property
    def max_sessions(self) -> int:
        """Requests that hold a session at once: all but what is kept free, where it is not set."""
        return self.database_max_sessions or self.database_pool_size - KEPT_FREE
