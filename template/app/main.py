"""Builds the application. Importing this module starts nothing and reads no setting."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.core import about
from app.core.db.session import Database
from app.core.errors import install_problem_handlers
from app.core.settings import Settings
from app.core.settings.base import load
from app.health.router import router as health_router
from app.registry import routers
from app.worker.lifespan import embedded_scheduler, open_queue

API_PREFIX = "/api/v1"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    app.state.database = database = Database.from_settings(app.state.settings)
    try:
        async with (
            open_queue(app.state.settings, database) as queue,
            embedded_scheduler(database, queue),
        ):
            app.state.queue = queue
            yield
    finally:
        await database.close()


def operation_id(route: APIRoute) -> str:
    """Name operations after their functions, so that generated clients read well."""
    return route.name


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Raises:
        SettingsError: where no settings are given and those of the environment are not usable.
    """
    app = FastAPI(
        title=about.TITLE,
        description=about.DESCRIPTION,
        version=version(about.NAME),
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
    )
    app.state.settings = settings or load(Settings)
    install_problem_handlers(app)
    app.include_router(health_router)
    for router in routers():
        app.include_router(router, prefix=API_PREFIX)
    return app
