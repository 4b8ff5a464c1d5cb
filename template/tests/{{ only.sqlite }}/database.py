"""A database for a test run, made through the migrations: a file in a temporary folder."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@asynccontextmanager
async def empty_database(name: str) -> AsyncGenerator[str]:
    with TemporaryDirectory() as folder:
        yield f"sqlite+aiosqlite:///{Path(folder)}/{name}.db"
