"""A database for a test run, on the server of DATABASE_URL or on the one of development."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from app.core.db import local


@asynccontextmanager
async def empty_database(name: str) -> AsyncGenerator[str]:
    """Make a database beside the configured one, which is never touched, and drop it at the end."""
    url = await server_url()
    # PostgreSQL cuts a name after 63 bytes: its end tells one run from another.
    name = f"{local.NAME[:24]}_test_{name}_{os.getpid()}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
        base, _, query = url.partition("?")
        base = base.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://")
        yield f"{base}/{name}?{query}".removesuffix("?")
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def server_url() -> str:
    if url := os.environ.get("DATABASE_URL"):
        return url.replace("+asyncpg", "").replace("postgres://", "postgresql://")
    return await local.find_or_start()
