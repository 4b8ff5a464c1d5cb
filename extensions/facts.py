"""Answers become facts once, here; a template tests one fact, never a combination."""

from collections.abc import MutableMapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from copier_template_extensions import ContextHook



class Facts(ContextHook):
    """Gives templates the facts, and `only`: a folder that is there only where its fact holds.

    `template/app/core/db/{{ only.postgres }}/engine.py` renders to `app/core/db/engine.py` with
    PostgreSQL and to nothing without: `.` disappears from a path, an empty name drops it.
    """

    def hook(self, context: MutableMapping[str, Any]) -> None:
        is_postgres = context.get("database") == "postgres"
        has_auth = context.get("auth") == "jwt"
        is_layered = context.get("layout") == "layered"
        has_features = bool(context.get("features"))
        context.update(
            year=date.today().year,
            is_postgres=is_postgres,
            has_auth=has_auth,
            has_example=bool(context.get("example")),
            has_features=has_features,
            is_layered=is_layered,
            database_name=str(context.get("project_slug", "")).replace("-", "_"),
        )
        context["only"] = SimpleNamespace(
            postgres=folder(is_postgres),
            sqlite=folder(not is_postgres),
            auth=folder(has_auth),
            open=folder(not has_auth),
            domain=folder(not is_layered),
            layered=folder(is_layered),
            layered_features=folder(is_layered and has_features),
            mit=folder(context.get("license") == "MIT"),
            apache=folder(context.get("license") == "Apache-2.0"),
            bsd=folder(context.get("license") == "BSD-3-Clause"),
            proprietary=folder(context.get("license") == "Proprietary"),
        )


def folder(wanted: bool) -> str:
    """Name a folder that vanishes: into its parent if wanted, with all it holds if not."""
    return "." if wanted else ""
