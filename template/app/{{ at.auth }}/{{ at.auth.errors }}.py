from app.core.errors import Conflict, NotFound
from app.core.security.errors import Forbidden, Unauthorized


class WrongCredentials(Unauthorized):
    code = "wrong_credentials"
    commits = True  # the line in the audit log

    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class InvalidRefreshToken(Unauthorized):
    code = "invalid_refresh_token"
    commits = True  # the end of a session whose token came twice, and the line that says so

    def __init__(self) -> None:
        super().__init__("The refresh token is not valid, or no longer: log in again.")


class AlreadyRefreshed(Conflict):
    code = "already_refreshed"

    def __init__(self) -> None:
        super().__init__("The session was refreshed a moment ago: use the tokens of that answer.")


class SessionNotFound(NotFound):
    code = "session_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such session.")


class EmailNotVerified(Forbidden):
    code = "email_not_verified"
    commits = True  # the line in the audit log

    def __init__(self) -> None:
        super().__init__("Confirm your address first, with the link that was sent to it.")
