"""Accounts for tests, made the way a client makes them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

PASSWORD = "correct horse battery"


async def register(client: AsyncClient, email: str, password: str = PASSWORD) -> None:
    answer = await client.post("/api/v1/users", json={"email": email, "password": password})
    assert answer.status_code == 202, answer.text


async def token_of(client: AsyncClient, email: str, password: str = PASSWORD) -> str:
    form = {"username": email, "password": password}
    answer = await client.post("/api/v1/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


@asynccontextmanager
async def logged_in(app: FastAPI, email: str) -> AsyncGenerator[AsyncClient]:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await register(client, email)
        client.headers["Authorization"] = f"Bearer {await token_of(client, email)}"
        yield client
