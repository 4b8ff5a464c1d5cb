from uuid import UUID

from app.core.errors import Conflict, NotFound


class UserNotFound(NotFound):
    code = "user_not_found"

    def __init__(self, named: UUID | str) -> None:
        super().__init__(f"There is no account {named}.")


class LastAdministrator(Conflict):
    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("This is the last active administrator: make another one first.")
