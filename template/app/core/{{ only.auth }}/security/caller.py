"""The caller as a type: a signature says who may call an endpoint."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from app.core.security.errors import Forbidden, Unauthorized
from app.core.security.tokens import AccessTokens, Caller, InvalidToken

bearer = OAuth2PasswordBearer("/api/v1/auth/token", auto_error=False)


async def current_user(request: Request, token: Annotated[str | None, Depends(bearer)]) -> Caller:
    if token is None:
        raise Unauthorized("Log in first: this needs an access token.")
    try:
        return AccessTokens(request.app.state.settings).verify(token)
    except InvalidToken:
        raise Unauthorized("The access token is not valid, or no longer.") from None


CurrentUser = Annotated[Caller, Depends(current_user)]


async def current_admin(user: CurrentUser) -> Caller:
    if not user.is_admin:
        raise Forbidden("This is for administrators.")
    return user


CurrentAdmin = Annotated[Caller, Depends(current_admin)]
