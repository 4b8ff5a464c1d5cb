"""API keys for tests, made the way a client makes them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

KEYS = "/api/v1/api-keys"


async def new_key(owner: AsyncClient, *scopes: str, **more: object) -> dict[str, Any]:
    body = {"name": "deploy", "scopes": scopes or ["account:read"], **more}
    answer = await owner.post(KEYS, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@asynccontextmanager
async def holding(app: FastAPI, key: str) -> AsyncGenerator[AsyncClient]:
    """Give a caller with a key, and without a token."""
    transport = ASGITransport(app, raise_app_exceptions=False)
    headers = {"X-API-Key": key}
    async with AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


async def status_of(app: FastAPI, key: str, path: str = "/api/v1/users/me") -> int:
    async with holding(app, key) as client:
        return (await client.get(path)).status_code
