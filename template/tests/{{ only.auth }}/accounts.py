"""Accounts for tests, made the way a client makes them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text

from app.core.db.session import Database
from app.core.ids import new_id
from app.core.security.scopes import Role
from app.core.security.tokens import AccessTokens, Caller
from app.core.settings.security import SecuritySettings

PASSWORD = "correct horse battery"


async def register(client: AsyncClient, email: str, password: str = PASSWORD) -> None:
    answer = await client.post("/api/v1/users", json={"email": email, "password": password})
    assert answer.status_code == 202, answer.text


async def log_in(client: AsyncClient, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """Give the tokens of a new session."""
    form = {"username": email, "password": password}
    answer = await client.post("/api/v1/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def token_of(client: AsyncClient, email: str, password: str = PASSWORD) -> str:
    token: str = (await log_in(client, email, password))["access_token"]
    return token


def bearer(settings: SecuritySettings, account: UUID, role: Role = Role.USER) -> dict[str, str]:
    """Give what a caller sends along; no session is behind it, and maybe no account."""
    caller = Caller(account, role, session_id=new_id(), credentials_version=0)
    return {"Authorization": f"Bearer {AccessTokens(settings).issue(caller)}"}


@asynccontextmanager
async def logged_in(app: FastAPI, email: str) -> AsyncGenerator[AsyncClient]:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await register(client, email)
        client.headers["Authorization"] = f"Bearer {await token_of(client, email)}"
        yield client


@asynccontextmanager
async def administrator(app: FastAPI, email: str) -> AsyncGenerator[AsyncClient]:
    """Log in somebody whom the database knows as an administrator."""
    async with logged_in(app, email) as client:
        database: Database = app.state.database
        async with database.transaction() as session:
            promoted = text("UPDATE \"user\" SET role = 'admin' WHERE email = :email")
            await (await session.connection()).execute(promoted, {"email": email})
        client.headers["Authorization"] = f"Bearer {await token_of(client, email)}"
        yield client


async def id_of(client: AsyncClient) -> str:
    """Give the id of a caller's account."""
    found: str = (await client.get("/api/v1/users/me")).json()["id"]
    return found
