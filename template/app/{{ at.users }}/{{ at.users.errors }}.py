from app.core.errors import Conflict
from app.core.security.errors import Unauthorized


class AccountGone(Unauthorized):
    code = "account_gone"

    def __init__(self) -> None:
        super().__init__("The account of this access token no longer exists.")


class EmailTaken(Conflict):
    code = "email_taken"

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} already has an account.")
