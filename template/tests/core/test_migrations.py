import asyncio
import sys
from asyncio.subprocess import PIPE

from sqlalchemy import text

from app.core.db import migrations
from app.core.db.engine import create_engine
from tests.database import empty_database

# Everything is imported when the test says go, so that the processes do meet.
UPGRADE = """
import sys
from app.core.db import engine, migrations
from app.registry import import_models
import_models()
print("ready", flush=True)
input()
migrations.upgrade(database_url=sys.argv[1])
"""


async def test_migrations_go_up_down_and_up_again_and_match_the_models() -> None:
    async with empty_database("migrations") as url:
        await asyncio.to_thread(migrations.upgrade, database_url=url)
        await asyncio.to_thread(migrations.downgrade, "base", database_url=url)
        await asyncio.to_thread(migrations.upgrade, database_url=url)
        await asyncio.to_thread(migrations.check, database_url=url)


async def test_processes_that_migrate_at_once_take_turns() -> None:
    async with empty_database("turns") as url:
        command = (sys.executable, "-c", UPGRADE, url)
        both = [
            await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
            for _ in range(2)
        ]
        for each in both:
            assert each.stdout
            assert await each.stdout.readline() == b"ready\n"
        said = await asyncio.gather(*(each.communicate(b"\n") for each in both))
        assert [each.returncode for each in both] == [0, 0], said
        engine = create_engine(url, pool_size=1)
        async with engine.connect() as connection:
            versions = await connection.execute(text("SELECT version_num FROM alembic_version"))
            assert len(versions.all()) == 1
        await engine.dispose()
