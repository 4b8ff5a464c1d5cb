from app.core.db.session import Database
from app.core.settings import Settings
from app.main import create_app


async def test_an_application_opens_its_database_and_closes_it(settings: Settings) -> None:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        database: Database = app.state.database
        await database.ping()
        assert database.engine.pool.checkedin() >= 1  # type: ignore[attr-defined]
    assert database.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
