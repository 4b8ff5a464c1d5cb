from app.core.errors import Conflict
from app.core.security.errors import Forbidden, Unauthorized


class AccountGone(Unauthorized):
    code = "account_gone"

    def __init__(self) -> None:
        super().__init__("The account of this access token no longer exists.")


class CredentialsChanged(Unauthorized):
    code = "credentials_changed"

    def __init__(self) -> None:
        super().__init__("The password was changed after this access token was issued.")


class AccountDeactivated(Unauthorized):
    code = "account_deactivated"

    def __init__(self) -> None:
        super().__init__("The account of this access token was deactivated.")


class EmailTaken(Conflict):
    code = "email_taken"

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} already has an account.")


class WrongPassword(Forbidden):
    code = "wrong_password"

    def __init__(self) -> None:
        super().__init__("This is not the password of this account.")
