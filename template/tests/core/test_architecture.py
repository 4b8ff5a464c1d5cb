"""Rules that hold for every endpoint, those of tomorrow too."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from app.health.router import router as health_router
from app.registry import ALL_FEATURES, import_models, routers

ROUTES = [
    route
    for router in [health_router, *routers()]
    for route in router.routes
    if isinstance(route, APIRoute)
]
SERVICE = Path(__file__).parents[2]
FILES = [path.relative_to(SERVICE) for path in (SERVICE / "app").rglob("*.py")]
MODULES = {".".join(path.with_suffix("").parts) for path in FILES if path.stem != "__init__"}
every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def types_in(annotation: Any, seen: set[type[BaseModel]]) -> Iterator[Any]:
    """Give a type and every type inside it, through the fields of models to any depth.

    `seen` are the models walked already, for one may hold itself.
    """
    yield annotation
    parts = list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return
        seen.add(annotation)
        parts += [field.annotation for field in annotation.model_fields.values()]
        parts += [field.return_type for field in annotation.model_computed_fields.values()]
    for part in parts:
        yield from types_in(part, seen)


def dependencies_of(dependant: Dependant) -> Iterator[Dependant]:
    for dependency in dependant.dependencies:
        yield dependency
        yield from dependencies_of(dependency)


def is_async(call: Any) -> bool:
    call = call if inspect.isroutine(call) else type(call).__call__
    return inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call)


def test_the_routes_walked_here_are_all_there_are(app: FastAPI) -> None:
    documented = [name for path in app.openapi()["paths"].values() for name in path]
    assert len(documented) == sum(len(route.methods or ()) for route in ROUTES)


@every_route
def test_a_table_model_is_never_a_request_or_a_response(route: APIRoute) -> None:
    asking = (route.dependant, *dependencies_of(route.dependant))
    sent = [field.field_info.annotation for each in asking for field in each.body_params]
    for annotation in (*sent, route.response_model):
        for found in types_in(annotation, set()):
            is_table = isinstance(found, type) and issubclass(found, SQLModel)
            assert not is_table, f"{route.name} exposes {found.__name__}"


@every_route
def test_nothing_goes_to_a_thread_by_accident(route: APIRoute) -> None:
    assert is_async(route.endpoint)
    for dependency in dependencies_of(route.dependant):
        assert is_async(dependency.call), f"{route.name}: {dependency.call} runs in a thread"


def test_a_relationship_is_loaded_on_purpose() -> None:
    """Loading one lazily would block the event loop, and hide a query in an attribute."""
    import_models()
    configure_mappers()
    for mapper in SQLModel._sa_registry.mappers:
        for relationship in mapper.relationships:
            assert relationship.lazy == "raise", f"{relationship}: say lazy='raise'"


def test_every_folder_with_code_is_a_package() -> None:
    """import-linter skips what lies below a folder without `__init__.py`: all would be allowed."""
    folders = {folder for path in FILES for folder in path.parents} - {Path()}
    for folder in folders:
        assert folder / "__init__.py" in FILES, f"{folder} has no __init__.py"


def test_every_router_every_table_and_every_task_is_in_the_registry() -> None:
    """A task that is not is known to no worker: its jobs are set aside, its schedule never runs."""
    named = {feature.router for feature in ALL_FEATURES} | {"app.health.router"}
    named |= {feature.models for feature in ALL_FEATURES}
    named |= {feature.tasks for feature in ALL_FEATURES}
    for name in MODULES - {"app.core.models"}:
        if ".routers." in name or name.endswith(".router"):
            assert isinstance(import_module(name).router, APIRouter)
            assert name in named, f"{name} is not in the registry"
        for role in ("models", "tasks"):
            if f".{role}." in name or name.endswith(f".{role}"):
                assert name in named, f"{name} is not in the registry"
