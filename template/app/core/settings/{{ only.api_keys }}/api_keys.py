from pydantic import Field

from app.core.settings.server import ServerSettings


class ApiKeySettings(ServerSettings):
    api_key_overlap_hours: int = Field(
        default=24, ge=0, le=24 * 30, description="how long a key works after it was rotated"
    )
