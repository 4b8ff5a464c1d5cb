from pydantic import Field, StrictBool

from app.core.schemas import Input
from app.core.security.scopes import Role


class UserPatch(Input):
    """Only the fields that are sent change."""

    role: Role = Field(default_factory=lambda: Role.USER)
    is_active: StrictBool = Field(default_factory=bool)
