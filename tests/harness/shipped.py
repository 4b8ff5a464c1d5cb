"""What a service is shipped with, looked at by tools that others wrote.

A tool that takes seconds to start is asked once about all trees: what is the same in two of them is
laid out once.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import yaml

from tests.harness import grafana, observed, prometheus
from tests.harness.environments import pinned
from tests.harness.process import said
from tests.harness.variants import files_of
from tests.harness.workflows import refused_by_actionlint, refused_by_zizmor

PINS = Path(__file__).parent / "shipping"
# Each kind of file, as `Path.glob` finds it in a tree. Files of one kind are read together.
KINDS: dict[str, tuple[str, ...]] = {
    "image": ("Dockerfile", ".dockerignore"),
    "compose": ("compose*.yaml", ".devcontainer/compose.yaml", "observe/compose.yaml"),
    "github": (".github/**/*.yml",),
    "gitlab": (".gitlab-ci.yml",),
    "renovate": ("renovate.json",),
    "pre-commit": (".pre-commit-config.yaml",),
    "deploy": ("deploy/**/*.yaml",),
    "observe": ("observe/**/*.*",),
}
# Published schemas, which check-jsonschema brings along, and the files that have to keep to them.
SCHEMAS = {
    "compose-spec": ("compose", "compose*.yaml"),
    "github-workflows": ("github", ".github/workflows/*.yml"),
    "gitlab-ci": ("gitlab", ".gitlab-ci.yml"),
    "renovate": ("renovate", "renovate.json"),
}
# The rules of yamllint but for: `---`, which says nothing in a file of one document; two spaces
# before a comment; and `on`, a key of GitHub's.
YAMLLINT = """{extends: default, rules: {
    document-start: disable, comments: {min-spaces-from-content: 1}, truthy: {check-keys: false},
    line-length: {max: 100}, braces: {
        min-spaces-inside: 1, max-spaces-inside: 1,
        min-spaces-inside-empty: 0, max-spaces-inside-empty: 0}}}"""


class Shipped:
    """The different files of trees, of each kind a folder for each set that some tree has."""

    def __init__(self, trees: Iterable[Path], home: Path) -> None:
        self.home = home
        self.folders: dict[str, list[Path]] = {kind: [] for kind in KINDS}
        for tree in trees:
            for kind, patterns in KINDS.items():
                self.add(kind, tree, [found for each in patterns for found in tree.glob(each)])

    def add(self, kind: str, tree: Path, files: Sequence[Path]) -> None:
        """Lay out a set of files, unless there is the same one."""
        digest = sha256()
        for file in sorted(files):
            digest.update(f"{file.relative_to(tree)}\0".encode() + file.read_bytes())
        place = self.home / kind / digest.hexdigest()[:12]
        if not files or place in self.folders[kind]:
            return
        for file in files:
            copy = place / file.relative_to(tree)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        self.folders[kind].append(place)

    def named(self, kind: str, pattern: str) -> list[str]:
        """Give the files of a kind whose names are so.

        Raises:
            LookupError: where there is none, for then every tool would be content.
        """
        found = [file for folder in self.folders[kind] for file in folder.glob(f"**/{pattern}")]
        if not found:
            raise LookupError(f"no tree has {pattern}")
        return [str(file.relative_to(self.home)) for file in sorted(found)]


def refused(tool: str, arguments: Sequence[str], folder: Path) -> str:
    """Ask a tool; give what it printed where it refused something or broke; empty: all is well."""
    command = [str(pinned(PINS) / "bin" / tool), *arguments]
    return said(command, folder, {"NO_COLOR": "1"}, seconds=600)


def refused_by_hadolint(shipped: Shipped) -> str:
    return refused("hadolint", shipped.named("image", "Dockerfile"), shipped.home)


def refused_by_checkov(shipped: Shipped) -> str:
    """Ask checkov, without a network, about all that is there; it knows Compose as YAML alone."""
    assert any(files_of(shipped.home))
    quiet = ["--skip-download", "--quiet", "--compact", "--directory", "."]
    return refused("checkov", quiet, shipped.home)


def refused_by_yamllint(shipped: Shipped) -> str:
    assert any(files_of(shipped.home))
    return refused("yamllint", ["--strict", "-d", YAMLLINT, "."], shipped.home)


def refused_by_schemas(shipped: Shipped) -> str:
    return "".join(
        refused(
            "check-jsonschema",
            ["--builtin-schema", f"vendor.{schema}", *shipped.named(kind, pattern)],
            shipped.home,
        )
        for schema, (kind, pattern) in SCHEMAS.items()
    )


def refused_by_pre_commit(shipped: Shipped) -> str:
    files = shipped.named("pre-commit", ".pre-commit-config.yaml")
    return refused("pre-commit", ["validate-config", *files], shipped.home)


def refused_by_zizmor_in_all(shipped: Shipped) -> str:
    return "".join(map(refused_by_zizmor, shipped.folders["github"]))


def refused_by_actionlint_in_all(shipped: Shipped) -> str:
    return refused_by_actionlint(shipped.home, shipped.named("github", ".github/workflows/*.yml"))


def refused_by_promtool(shipped: Shipped) -> str:
    files = shipped.named("observe", "rules/*.yaml")
    return "".join(prometheus.refused_rules(shipped.home / file) for file in files)


def refused_by_grafana(shipped: Shipped) -> str:
    """Ask Grafana's types and its parser of LogQL about the dashboards."""
    files = shipped.named("observe", "dashboards/*.json")
    refused = grafana.refused(files, shipped.home, grafana.schema(shipped.home))
    queries = {each for tree in shipped.folders["observe"] for each in observed.queries(tree)}
    return refused + grafana.no_logql([each.text for each in queries if each.language == "logql"])


def jobs(tree: Path) -> Mapping[str, list[str]]:
    """Give the commands of make that each job of a pipeline runs, in GitHub or in GitLab."""
    github = tree / ".github/workflows/ci.yml"
    if github.exists():
        written = yaml.safe_load(github.read_text(encoding="utf-8"))["jobs"]
        scripts = {
            name: [step.get("run", "") for step in job["steps"]] for name, job in written.items()
        }
    else:
        written = yaml.safe_load((tree / ".gitlab-ci.yml").read_text(encoding="utf-8"))
        scripts = {
            name: job["script"]
            for name, job in written.items()
            if isinstance(job, dict) and "script" in job
        }
    return {
        name: [line for line in lines if line.startswith("make ")]
        for name, lines in scripts.items()
    }
