"""A service that follows the releases of its template, and what has to hold after each."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from itertools import combinations, cycle
from pathlib import Path
from typing import Any

import yaml

from drydock.variants.covering import shard
from drydock.variants.interview import values_of
from tests.harness import releases
from tests.harness.paths import ROOT
from tests.harness.releases import commit, git, publish, recorded, tags
from tests.harness.resolving import EVERYTHING
from tests.harness.rows import Rows
from tests.harness.service import Service
from tests.harness.sums import judges, sum_of
from tests.harness.synthetic import patches
from tests.harness.variants import Variant, array_of_code, broker_of
from tests.harness.ways import Way, with_command, with_copier

IDENTITY = (("project_name", "Harbour Desk"), ("description", "Berths and tides."))
# What a release can no longer mend, and what its owners run: the migrations that it writes are
# refused by its own `make lint`.
MENDED = r"s/^import sqlmodel$/import sqlmodel.sql.sqltypes/"
AFTERWARDS = {"0.2.0": ["sh", "-c", f"sed -i '{MENDED}' migrations/versions/*.py && make format"]}


@cache
def chained(
    is_proof: bool, part: str = "1/1", only: tuple[str, ...] = ()
) -> list[tuple[Variant, Way]]:
    """Give the variants that follow the releases, every second one with the command, the others
    with plain Copier: each pair of answers that decide code, or without a proof the two that differ
    most, one of them without a worker.

    Raises:
        Refused: for a part that is none.
    """
    variants = [Variant(each.answers, IDENTITY) for each in array_of_code()]
    if only:
        variants = [each for each in variants if str(each) in only]
    elif not is_proof:
        pairs = [
            pair
            for pair in combinations(variants, 2)
            if any(broker_of(each) is None for each in pair)
        ]
        variants = [*max(pairs, key=lambda pair: len({*pair[0].answers} - {*pair[1].answers}))]
    ways = dict(zip(variants, cycle((with_copier, with_command)), strict=False))
    return [(each, ways[each]) for each in shard(variants, part)]


def name_of(variant: Variant) -> str:
    """Name the result of a chain, beside that of the variant itself."""
    return f"chain-{variant}"


def fingerprint(source: Path, way: Way, is_proof: bool) -> str:
    """Sum up what decides how a chain ends: releases, versions of today, and all that judges."""
    releases = [git(source, "rev-parse", f"{tag}^{{tree}}") for tag in tags(source)]
    command = (ROOT / "src").rglob("*.py") if way is with_command else ()
    code = [*judges(), ROOT / "tests/test_chain.py", EVERYTHING / "uv.lock", *sorted(command)]
    how = f"{way.__name__}, proof: {is_proof}"
    return hashlib.sha256("".join([*releases, how, sum_of((ROOT, code))]).encode()).hexdigest()


def path_of(source: Path, answers: Mapping[str, Any], is_proof: bool) -> list[str]:
    """Name the releases of a repository from the first that offers the answers, the oldest first.

    Without a proof, the owner is late: next is the template as it is now, then all those at once
    that never were.
    """
    found = tags(source)
    while not offers(questions_of(source, found[0]), answers):
        del found[0]
    return found if is_proof else [found[0], found[-1 - len(patches())], found[-1]]


def questions_of(source: Path, tag: str) -> Mapping[str, Any]:
    """Read the questions of a release."""
    text = yaml.safe_load(git(source, "show", f"{tag}:copier.yml"))
    return {name: what for name, what in text.items() if not name.startswith("_")}


def offers(questions: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Say whether an interview takes each answer to what it asks; what it does not ask can wait."""
    asked = {name: values_of(name, questions[name]) for name in answers if name in questions}
    return all(answers[name] in (values or (answers[name],)) for name, values in asked.items())


class Follower:
    """A service that takes each release on the day when it comes."""

    def __init__(self, service: Service, variant: Variant, source: Path, way: Way) -> None:
        self.service, self.source, self.way = service, source, way
        self.answers = variant.data()
        self.template = service.path.parent / "template"
        self.rows = Rows(variant, service.env["DATABASE_URL"])

    def begin(self, tag: str) -> None:
        """Build it from a release, and have its database in use."""
        template = publish(tag, self.source, self.template)
        releases.generate(template, self.service.path, self.unanswered(tag))
        self.service.run("uv", "sync", "--quiet")
        self.deploy()

    def follow(self, tag: str) -> None:
        """Bring it to a release; what the release asks for the first time is answered."""
        publish(tag, self.source, self.template)
        before, new = recorded(self.service.path), self.unanswered(tag)
        problem = self.way(self.service, new)
        assert marked(self.service.path) == []
        assert len(heads(self.service.path)) == 1, f"the migrations are no line\n{problem}"
        now = recorded(self.service.path)
        assert now == now | before | new, "an update keeps what was answered"
        if tag in AFTERWARDS:
            self.service.run(*AFTERWARDS[tag])
        else:
            assert problem == "", problem

    def unanswered(self, tag: str) -> dict[str, Any]:
        """Give the answers to what a release asks and none before it did."""
        known = recorded(self.service.path) if self.service.path.exists() else {}
        asked = questions_of(self.source, tag).keys() - known
        return {name: answer for name, answer in self.answers.items() if name in asked}

    def deploy(self) -> None:
        """Let the database follow, with all that it holds; a table is filled on its first day."""
        before = self.rows.summed()
        self.service.run("uv", "run", "--no-sync", "app", "db", "upgrade")
        if before is not None:
            assert self.rows.summed() == before
        elif self.rows.summed() is not None:
            self.rows.fill()
        commit(self.service.path, "Deployed")


def heads(service: Path) -> set[str]:
    """Give the revisions that none follows, as `alembic heads` does, from the files alone."""
    texts = [path.read_text("utf-8") for path in (service / "migrations/versions").glob("*.py")]
    named, followed = (
        {
            name
            for text in texts
            for value in re.findall(rf"^{variable}: .+ = (.+)$", text, re.MULTILINE)
            for name in re.findall(r"\w+", value)
        }
        for variable in ("revision", "down_revision")
    )
    return named - followed


def marked(service: Path) -> list[str]:
    """Name the files in which somebody has to decide: with marks of a conflict, or rejected."""
    listed = git(service, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    files = [service / name for name in listed.split("\0")[:-1]]
    return [
        str(path.relative_to(service))
        for path in files
        if path.suffix == ".rej" or (path.exists() and b"\n<<<<<<< " in path.read_bytes())
    ]
