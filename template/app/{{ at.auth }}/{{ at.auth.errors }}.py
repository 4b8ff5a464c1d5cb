from app.core.security.errors import Unauthorized


class WrongCredentials(Unauthorized):
    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")
