"""Access tokens: signed JSON Web Tokens (RFC 7519) in the profile of RFC 9068.

Each key is derived from a secret: SECRET_KEY signs, and those of OLD_SECRET_KEYS verify what they
signed before, so that a secret can be replaced while tokens are out.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.clock import now
from app.core.security.scopes import SCOPES_OF, Role, Scope
from app.core.settings.security import SecuritySettings

ALGORITHM = "HS256"
TYPE = "at+jwt"  # so that no other token is taken for one (RFC 9068, section 2.1)
PURPOSE, NAME_OF_KEY = b"access token", b"name of a key"
LEEWAY = 5.0  # seconds by which the clock of another process may be ahead
REMEMBERED = 4096  # tokens, of about 1 kB each


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a verified token speaks for. Known without a query; what needs the row asks for it."""

    id: UUID
    role: Role
    session_id: UUID
    credentials_version: int
    # What they were given of it, where that may be less than the role has.
    given: frozenset[Scope] | None = None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def scopes(self) -> frozenset[Scope]:
        """Give what they may do: never more than the role may now."""
        of_role = SCOPES_OF[self.role]
        return of_role if self.given is None else of_role & self.given


class Claims(BaseModel):
    """What a token says, beside who issued it to whom and until when."""

    model_config = ConfigDict(strict=True)

    sub: UUID = Field(strict=False)
    sid: UUID = Field(strict=False)
    ver: int
    role: Role = Field(strict=False)
    iat: float
    exp: float


class InvalidToken(Exception):
    """A token that is malformed, expired, or not ours."""


class AccessTokens:
    """Issues and verifies access tokens.

    A client sends the same token for minutes, and a signature that was right stays right: it is
    remembered what such a token says. Its times are compared each time.
    """

    def __init__(self, settings: SecuritySettings) -> None:
        self.lifetime = timedelta(minutes=settings.access_token_minutes)
        self.issuer, self.audience = settings.token_issuer, settings.token_audience
        # One secret serves several purposes: each has a key of its own, 256 bits long.
        secrets = (settings.secret_key, *settings.old_secret_keys)
        keys = [derived(secret.get_secret_value().encode(), PURPOSE) for secret in secrets]
        self.key, *_ = keys
        self.keys = {name_of(key): key for key in keys}
        self.known = lru_cache(maxsize=REMEMBERED)(self.read)

    def issue(self, caller: Caller) -> str:
        issued = now()
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(caller.id),
            "sid": str(caller.session_id),
            "ver": caller.credentials_version,
            "role": caller.role,
            "iat": issued,
            "exp": issued + self.lifetime,
        }
        headers = {"typ": TYPE, "kid": name_of(self.key)}
        return jwt.encode(claims, self.key, ALGORITHM, headers)

    def verify(self, token: str) -> Caller:
        """Say who a token speaks for.

        Raises:
            InvalidToken: without a reason, which would only help who made the token up.
        """
        caller, begin, end = self.known(token)
        # PyJWT knows one leeway for all times, and no token is valid after its end.
        if not begin - LEEWAY <= now().timestamp() < end:
            raise InvalidToken
        return caller

    def read(self, token: str) -> tuple[Caller, float, float]:
        """Read a token that one of our keys has signed, and from when to when it is good."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TYPE:
                raise InvalidToken
            decoded = jwt.decode(
                token,
                self.keys[header["kid"]],
                [ALGORITHM],
                issuer=self.issuer,
                audience=self.audience,
                options={"require": ["iss", "aud", "sub", "exp"], "verify_iat": False},
            )
            claims = Claims.model_validate(decoded)
        except (jwt.InvalidTokenError, ValidationError, KeyError, TypeError):
            raise InvalidToken from None
        caller = Caller(claims.sub, claims.role, claims.sid, claims.ver)
        return caller, claims.iat, claims.exp


def derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, purpose, hashlib.sha256)


def name_of(key: bytes) -> str:
    """Give the name (`kid`) by which a token says its key, and which says nothing of the key."""
    return derived(key, NAME_OF_KEY).hex()[:16]
