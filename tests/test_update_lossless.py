"""Whatever an owner did, and whatever the template does: an update loses no line."""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy
from hypothesis import given, settings

from drydock.rendering import Template
from drydock.update.checks import IMPORTS
from drydock.update.conflicts import has_markers
from drydock.update.service import ANSWERS
from tests.harness.edits import MIGRATIONS, Plan, Work, add_feature, plans, tokens
from tests.harness.environments import environment_for
from tests.harness.later import VERSIONS, with_later_releases
from tests.harness.process import attempt, environment
from tests.harness.releases import commit, git
from tests.harness.variants import Variant, array, broker_of
from tests.updating import drydock, everything, state

# So many kinds of services, and so many examples of each.
SHAPES, EXAMPLES = {"test": (2, 13), "soak": (10, 50)}[settings.get_current_profile_name()]
# From which of the versions to which: to render one takes a second.
WAYS = {2: [(0, 2), (2, 4), (0, 4)], 10: list(combinations(range(len(VERSIONS)), 2))}[SHAPES]
HEADS = f"{IMPORTS}\nfrom alembic.config import main\nmain(['heads'])\n"
# Nobody listens there.
ADDRESSES = {
    "sqlite": "sqlite:///var/app.db",
    "postgres": "postgresql://nobody:nothing@none.invalid/none",
    "redis": "redis://none.invalid:6379/0",
    "rabbitmq": "amqp://none.invalid:5672/",
}
# Rendered once: an update leaves them alone.
OWNED = (MIGRATIONS, "app/features.py", "app/core/settings/own.py")


class Releases:
    """The template with its versions, and what Copier rendered of them, kept.

    A rendering depends on the version, the answers and the operation; each is done once.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.template = with_later_releases(place / "template")
        self.rendered: dict[str, Path] = {}

    def service(self, variant: Variant, version: int) -> Path:
        """Give a new service, with its first commit; nobody changes it."""
        folder = self.place / f"{variant}-{version}" / "harbour"
        if not folder.exists():
            run_copy(
                str(self.template),
                folder,
                data=Variant(variant.answers).data(),
                defaults=True,
                quiet=True,
                unsafe=True,
                vcs_ref=VERSIONS[version],
            )
            git(folder, "init", "--quiet", "--initial-branch", "main")
            commit(folder, "As generated")
            git(folder, "repack", "-adq")  # many files take long to copy
        return folder

    def remember(self, patch: pytest.MonkeyPatch) -> None:
        """Let an update take a rendering that is known."""
        render = Template.render

        def known(template: Template, answers: Mapping[str, Any], **how: Any) -> dict[str, Any]:
            folder = template.worker.subproject.local_abspath
            file = folder / ANSWERS
            before = yaml.safe_load(file.read_text("utf-8")) if file.exists() else {}
            given = {key: value for key, value in before.items() if key[0] != "_"} | dict(answers)
            operation = how.get("operation"), how.get("without"), template.version
            key = repr((sorted(given.items()), operation))
            if key not in self.rendered:
                done = render(template, answers, **how)
                self.rendered[key] = self.place / f"rendered-{len(self.rendered)}"
                shutil.copytree(folder, self.rendered[key], symlinks=True)
                return done
            shutil.copytree(self.rendered[key], folder, symlinks=True, dirs_exist_ok=True)
            template.evaluated("", given)  # it knows the answers now, as after rendering
            return given

        patch.setattr(Template, "render", known)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    found = Releases(tmp_path_factory.mktemp("releases"))
    with pytest.MonkeyPatch.context() as patch:
        found.remember(patch)
        yield found


def hot_places(old: Path, new: Path, names: Sequence[str]) -> list[tuple[str, int]]:
    """Say which lines a template changes: the file and the number of each."""
    found = []
    for name in names:
        before = (old / name).read_bytes().splitlines()
        after = (new / name).read_bytes().splitlines() if (new / name).exists() else []
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        found += [(name, begin) for kind, begin, *_ in matcher.get_opcodes() if kind != "equal"]
    return found


def lines(file: tuple[int, object]) -> set[bytes]:
    """Give the lines of a file that was taken down, however they end."""
    return set(file[1].splitlines()) if isinstance(file[1], bytes) else set()


def tracked(service: Path, *options: str) -> set[str]:
    """Name the files that Git knows."""
    return {name for name in git(service, "ls-files", "-z", *options).split("\0") if name}


def check(plan: Plan, variant: Variant, releases: Releases, place: Path) -> None:
    """Play a plan, update, and look at what came out."""
    old, new = (releases.service(variant, number) for number in plan.versions)
    service = place / "harbour"
    shutil.copytree(old, service, symlinks=True)
    names = sorted(tracked(old) - {ANSWERS})
    work = Work(service, names, hot_places(old, new, names))
    if plan.has_feature:
        add_feature(service)
    for edit in plan.edits:
        work.do(edit)
    git(service, "add", "--all")
    git(service, "commit", "--quiet", "--allow-empty", "--message", "Our own")
    before, known = state(service), tracked(service)
    files, untouched, newer = (everything(each, ".git") for each in (service, old, new))
    owned = tokens(service, known)

    told = drydock("update", str(service), "--no-checks", "--ref", VERSIONS[plan.versions[1]])

    unmerged = {line.partition("\t")[2] for line in tracked(service, "--unmerged")}
    assert told.conflicts == unmerged
    assert told.code == bool(unmerged), told
    now = everything(service, ".git")
    found = tokens(service, now)
    assert owned.keys() - found.keys() == set()
    marked = {name for name in now if has_markers((service / name).read_bytes())}
    assert marked <= unmerged
    assert (set(names) - known) & now.keys() == set()
    for name in names:
        if name.startswith(OWNED):
            assert now.get(name) == files.get(name), name
        elif files.get(name) == untouched[name]:
            assert now.get(name) == newer.get(name), name
        elif name in known and name in newer:  # what the template adds comes too
            assert lines(newer[name]) - lines(untouched[name]) <= lines(now[name]), name
    migrations = {name for name in known if name.startswith(MIGRATIONS)}
    assert {name for name in migrations if now.get(name) != files[name]} == set()
    if not unmerged and not work.breaks:
        check_imports(service, variant, place)
    assert drydock("update", str(service), "--abort").code == 0
    assert state(service) == before


def check_imports(service: Path, variant: Variant, place: Path) -> None:
    """Import each module of a service, and look for one head of its migrations."""
    about = place / "installed/harbour-0.1.0.dist-info/METADATA"
    about.parent.mkdir(parents=True)
    about.write_text("Metadata-Version: 2.1\nName: harbour\nVersion: 0.1.0\n", encoding="utf-8")
    env = environment(
        {
            "PYTHONPATH": f"{service}{os.pathsep}{about.parents[1]}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "ENVIRONMENT": "development",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": ADDRESSES[variant["database"]],
            "BROKER_URL": ADDRESSES.get(broker_of(variant) or "", ""),
        }
    )
    python = environment_for(service) / "bin/python"
    done = attempt([str(python), "-c", HEADS], cwd=service, env=env)
    assert re.fullmatch(r"\w+ \(head\)\n", done.output), done.output


def shapes() -> list[Variant]:
    """Give services that are unlike each other, from the covering array."""
    found = array(2)
    return [found[number * len(found) // SHAPES] for number in range(SHAPES)]


@pytest.mark.parametrize("shape", shapes(), ids=str)
@settings(max_examples=EXAMPLES)
@given(plan=plans(WAYS))
def test_no_line_is_lost(shape: Variant, releases: Releases, plan: Plan) -> None:
    with tempfile.TemporaryDirectory(prefix="drydock-test-") as place:
        check(plan, shape, releases, Path(place))
