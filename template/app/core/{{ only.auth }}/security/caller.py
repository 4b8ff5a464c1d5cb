"""The caller as a type: a signature says who may call an endpoint."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from starlette.datastructures import State
from starlette.requests import HTTPConnection

from app.core.errors import raises
from app.core.observability.subject import tell
from app.core.security.errors import Forbidden, Unauthorized
from app.core.security.scopes import SCOPES
from app.core.security.tokens import AccessTokens, Caller, InvalidToken

bearer = OAuth2PasswordBearer(
    "/api/v1/auth/token",
    refreshUrl="/api/v1/auth/refresh",
    auto_error=False,
    scopes={scope.value: told for scope, told in SCOPES.items()},
)


def bearer_token(request: HTTPConnection) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def caller_of(request: HTTPConnection) -> Caller | None:
    """Give who a valid access token speaks for. It is verified once in a request."""
    if not hasattr(request.state, "caller"):
        request.state.caller = verified(request)
    caller: Caller | None = request.state.caller
    return caller


def verified(request: HTTPConnection) -> Caller | None:
    token = bearer_token(request)
    try:
        return access_tokens(request.app.state).verify(token) if token else None
    except InvalidToken:
        return None


def access_tokens(state: State) -> AccessTokens:
    """Give those of an application, made when the first token comes."""
    if not hasattr(state, "access_tokens"):
        state.access_tokens = AccessTokens(state.settings)
    tokens: AccessTokens = state.access_tokens
    return tokens


@raises(Unauthorized)
async def current_user(request: Request, token: Annotated[str | None, Depends(bearer)]) -> Caller:
    """Believe the token alone: it is good for its 15 minutes, whatever becomes of the account, its
    password and its session meanwhile. Where that is too long, ask for `CurrentAccount`.
    """
    if token is None:
        raise Unauthorized("Log in first: this needs an access token.")
    caller = caller_of(request)
    if caller is None:
        raise Unauthorized("The access token is not valid, or no longer.")
    tell(user_id=str(caller.id))
    return caller


# Somebody who logged in.
CurrentUser = Annotated[Caller, Depends(current_user)]


@raises(Forbidden)
async def current_admin(user: CurrentUser) -> Caller:
    if not user.is_admin:
        raise Forbidden("This is for administrators.")
    return user


CurrentAdmin = Annotated[Caller, Depends(current_admin)]
