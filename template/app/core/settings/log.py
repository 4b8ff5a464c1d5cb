from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.core.settings.http import Names
from app.core.settings.server import ServerSettings


def in_lower_case(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


Level = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(in_lower_case)]


class LogSettings(ServerSettings):
    log_level: Level = "info"
    log_redacted: Names = Field(default=(), description="names of fields, beside those known")
    log_health_every: int = Field(
        default=60, ge=1, description="one line for so many health checks that went well"
    )
