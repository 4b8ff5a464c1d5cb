"""Access tokens: JSON Web Tokens (RFC 7519), signed with a key derived from SECRET_KEY."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt

from app.core.clock import now
from app.core.settings.security import SecuritySettings

ALGORITHM = "HS256"
REQUIRED_CLAIMS = ["sub", "admin", "iat", "exp"]
PURPOSE = b"access token"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a verified token speaks for. Known without a query; what needs the row asks for it."""

    id: UUID
    is_admin: bool


class InvalidToken(Exception):
    """A token that is malformed, expired, or not ours."""


class AccessTokens:
    """Issues and verifies access tokens."""

    def __init__(self, settings: SecuritySettings) -> None:
        self.lifetime = timedelta(minutes=settings.access_token_minutes)
        # One secret serves several purposes: each has a key of its own, 256 bits long.
        secret = settings.secret_key.get_secret_value().encode()
        self.key = hmac.digest(secret, PURPOSE, hashlib.sha256)

    def issue(self, caller: Caller) -> str:
        issued = now()
        claims = {
            "sub": str(caller.id),
            "admin": caller.is_admin,
            "iat": issued,
            "exp": issued + self.lifetime,
        }
        return jwt.encode(claims, self.key, ALGORITHM)

    def verify(self, token: str) -> Caller:
        """Read a token.

        Raises:
            InvalidToken: without a reason, which would only help who made the token up.
        """
        try:
            claims = jwt.decode(token, self.key, [ALGORITHM], options={"require": REQUIRED_CLAIMS})
            return Caller(id=UUID(claims["sub"]), is_admin=claims["admin"] is True)
        except (jwt.InvalidTokenError, ValueError):
            raise InvalidToken from None
