from uuid import UUID

from app.core.errors import NotFound
from app.core.security.errors import Unauthorized


class ApiKeyNotFound(NotFound):
    code = "api_key_not_found"

    def __init__(self, key_id: UUID) -> None:
        super().__init__(f"There is no API key {key_id}.")


class InvalidApiKey(Unauthorized):
    code = "invalid_api_key"

    def __init__(self) -> None:
        super().__init__("The API key is not valid, or no longer.")
