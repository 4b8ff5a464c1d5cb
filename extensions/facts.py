"""Answers become facts once, here; a template tests one fact, never a combination."""

import json
from collections.abc import Mapping, MutableMapping
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
        context.update(
            year=date.today().year,
            is_postgres=is_postgres,
            has_auth=has_auth,
            has_example=bool(context.get("example")),
            is_layered=is_layered,
            author_toml=author(context),
            license_toml=licence(context.get("license")),
            database_help=(
                "# In development an address is found: the server of this machine, or a private one"
                if is_postgres
                else "# Where the file of the database lies"
            ),
            feature_home=(
                "its module in each package of `app/`" if is_layered else "its folder in `app/`"
            ),
            database_need=(
                ". Without a PostgreSQL on this machine, `make dev` starts a private one"
                if is_postgres
                else ""
            ),
            database_example=(
                "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
                if is_postgres
                else "sqlite:///var/app.db"
            ),
            settings_groups=", ".join(
                f"{group}Settings"
                for group in (["Security"] if has_auth else []) + ["Server", "Database", "Own"]
            ),
            cli_modules=", ".join(
                ["db", "dev", "env", "openapi", "serve"] + (["users"] if has_auth else [])
            ),
            items_type="OwnItems" if has_auth else "AllItems",
            items_of_one="one owner's items" if has_auth else "items",
            items_rule=(
                ": an item is its owner's, and to others it does not exist." if has_auth else "."
            ),
            new_item_arguments=(
                "owner_id=self.items.owner_id, **new.model_dump()"
                if has_auth
                else "**new.model_dump()"
            ),
            items_parent='"3b7e0d94c1a6"' if has_auth else "None",
            database_name=str(context.get("project_slug", "")).replace("-", "_"),
        )
        context["only"] = SimpleNamespace(
            postgres=folder(is_postgres),
            sqlite=folder(not is_postgres),
            auth=folder(has_auth),
            example=folder(bool(context.get("example"))),
            domain=folder(not is_layered),
            layered=folder(is_layered),
            mit=folder(context.get("license") == "MIT"),
            apache=folder(context.get("license") == "Apache-2.0"),
            bsd=folder(context.get("license") == "BSD-3-Clause"),
            proprietary=folder(context.get("license") == "Proprietary"),
        )


def author(context: Mapping[str, Any]) -> str:
    """Write the inline table of an author (pyproject.toml's `authors`), without an empty e-mail."""
    fields = {"name": context.get("author_name", ""), "email": context.get("author_email", "")}
    pairs = (
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items() if value
    )
    return "{ " + ", ".join(pairs) + " }"


def licence(answer: str | None) -> str:
    """Write the SPDX expression (PEP 639); a licence that SPDX does not list is a reference."""
    return '"LicenseRef-Proprietary"' if answer == "Proprietary" else f'"{answer}"'


def folder(wanted: bool) -> str:
    """Name a folder that vanishes: into its parent if wanted, with all it holds if not."""
    return "." if wanted else ""
