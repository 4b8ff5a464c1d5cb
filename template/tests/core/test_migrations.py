import asyncio

from app.core.db import migrations
from tests.database import empty_database


async def test_migrations_go_up_down_and_up_again_and_match_the_models() -> None:
    async with empty_database("migrations") as url:
        await asyncio.to_thread(migrations.upgrade, database_url=url)
        await asyncio.to_thread(migrations.downgrade, "base", database_url=url)
        await asyncio.to_thread(migrations.upgrade, database_url=url)
        await asyncio.to_thread(migrations.check, database_url=url)
