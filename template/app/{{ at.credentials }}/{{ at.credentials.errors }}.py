from app.core.security.errors import Forbidden


class TokenNotValid(Forbidden):
    code = "token_not_valid"

    def __init__(self) -> None:
        super().__init__("This was used, is too old, or was never valid. Ask for a new one.")
