"""What a Dockerfile would do, done without a container: its steps, in an empty folder.

The folder stands for the root of the image: paths of the image lie below it. What a base image or a
registry would bring is not looked at: Python is that of this machine.
"""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dockerfile_parse import DockerfileParser

from tests.harness.process import environment, run

# Folders of the image that its steps name.
PLACES = re.compile(r"(?<![\w.-])/(srv|data)\b")
MOUNT = re.compile(r"--mount=type=(bind|cache),(\S+)\s*")
UNDERSTOOD = {
    *("FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    *("LABEL", "EXPOSE"),  # which say something, and do nothing
}
PYTHONS = ("/usr/local/bin/python3", "/usr/bin/python3")


class Image:
    """An image whose root is a folder: built from a tree, and run as its user."""

    def __init__(self, tree: Path, home: Path) -> None:
        """Build it.

        Raises:
            CommandError: for a step that fails.
            LookupError: for a step that is not understood, and for a file that is not sent.
        """
        self.root, self.context = home / "root", home / "context"
        self.stages: dict[str, Path] = {}
        self.env: dict[str, str] = {}
        self.workdir, self.user = "/", "0"
        self.entrypoint: list[str] = []
        self.command: list[str] = []
        self.check: list[str] = []
        send(tree, self.context)
        text = (tree / "Dockerfile").read_text(encoding="utf-8")
        steps = [
            (step["instruction"], step["value"])
            for step in DockerfileParser(fileobj=io.BytesIO(text.encode())).structure
            if step["instruction"] != "COMMENT"
        ]
        for instruction, value in steps:
            self.foresee(instruction, value)
        for instruction, value in steps:
            self.take(instruction, value)

    def foresee(self, instruction: str, value: str) -> None:
        """Look at a step before the first is taken, as a builder does with what it is sent.

        Raises:
            LookupError: for one that is not understood, and for a file that is not there.
        """
        if instruction not in UNDERSTOOD:
            raise LookupError(f"{instruction} is not understood here")
        words = shlex.split(value) if instruction == "COPY" and "--from=" not in value else []
        mounted = [found[1] for found in re.finditer(r"type=bind,source=([^,\s]+)", value)]
        for source in [*words[:-1], *mounted]:
            if not (self.context / source).exists():
                raise LookupError(f"{instruction}: the context has no {source}")

    def take(self, instruction: str, value: str) -> None:
        """Take a step."""
        match instruction:
            case "FROM":
                self.begin(value)
            case "ENV":
                pairs = (word.split("=", 1) for word in shlex.split(value))
                self.env |= {name: self.expanded(what) for name, what in pairs}
            case "WORKDIR":
                self.workdir = value
                self.place(value).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self.copy(shlex.split(value))
            case "RUN":
                self.run(value)
            case "USER":
                self.user = value.split(":")[0]
            case "HEALTHCHECK":
                self.check = json.loads(value.partition("CMD ")[2])
            case "ENTRYPOINT":
                self.entrypoint = json.loads(value)
            case "CMD":
                self.command = json.loads(value)

    def begin(self, value: str) -> None:
        """Begin a stage: on the one before it as it is, or in an empty folder."""
        base, _, name = value.partition(" AS ")
        if base not in self.stages:
            shelf = self.root.with_name(f"stage-{len(self.stages)}")
            if self.root.exists():
                self.root.rename(shelf)
                self.stages = dict.fromkeys(self.stages, shelf)
            self.root.mkdir()
            self.env, self.workdir = {}, "/"
        if name:
            self.stages[name] = self.root

    def place(self, path: str) -> Path:
        """Give where a path of the image is here."""
        return self.root / Path(self.workdir, path).relative_to("/")

    def expanded(self, text: str) -> str:
        text = re.sub(r"\$(\w+)", lambda found: self.env.get(found[1], os.defpath), text)
        return PLACES.sub(lambda found: f"{self.root}{found[0]}", text)

    def copy(self, words: Sequence[str]) -> None:
        """Copy what the context or another stage has."""
        stage = next((word.partition("=")[2] for word in words if word.startswith("--from=")), "")
        *sources, target = (word for word in words if not word.startswith("--"))
        if sources == ["/uv"]:
            return  # that of this machine
        base = self.stages[stage] if stage else self.context
        for source in sources:
            found, to = base / source.lstrip("/"), self.place(target)
            if found.is_dir():
                shutil.copytree(found, to, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(found, to)

    def run(self, value: str) -> None:
        """Run a command, with what is mounted for it."""
        mounted = []
        for kind, options in MOUNT.findall(value):
            option = dict(each.split("=", 1) for each in options.split(","))
            if kind == "bind":
                mounted.append(self.place(option["target"]))
                shutil.copy2(self.context / option["source"], mounted[-1])
        command = PLACES.sub(lambda found: f"{self.root}{found[0]}", MOUNT.sub("", value))
        if os.geteuid() != 0:
            command = re.sub(r"--(owner|group)=\d+", "", command)
        env = environment(self.env | {"UV_PYTHON": python()})
        env["PATH"] = os.pathsep.join([self.env.get("PATH", ""), env["PATH"]])
        run(["sh", "-euc", command], cwd=self.place("."), env=env)
        for path in mounted:
            path.unlink()

    def close(self, *writable: str) -> None:
        """Take the right to write from all but these folders: the root file system is read-only."""
        kept = {self.place(each) for each in writable}
        for path in [self.root, *self.root.rglob("*")]:
            if path not in kept and not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)

    def as_user(self, *arguments: str) -> list[str]:
        """Give a command line that runs in the image as its user, who is somebody else for root."""
        if os.geteuid() != 0:
            return list(arguments)
        ids = [f"--reuid={self.user}", f"--regid={self.user}"]
        return ["setpriv", *ids, "--clear-groups", "--no-new-privs", *arguments]

    def runtime(self, given: Mapping[str, str]) -> dict[str, str]:
        """Give the environment of a container: that of the image, and nothing of this machine."""
        return {"PATH": os.defpath} | self.env | dict(given)


def send(tree: Path, context: Path) -> None:
    """Copy to the context what .dockerignore lets through.

    Raises:
        LookupError: for a rule that is none of: all, but these names, and never these.
    """
    ignored = (tree / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    if rules[0] != "*":
        raise LookupError(".dockerignore does not begin with all")
    sent = [rule[1:] for rule in rules[1:] if rule.startswith("!")]
    never = [rule.removeprefix("**/") for rule in rules[1:] if not rule.startswith("!")]
    if any("/" in rule or "*" in rule for rule in (*sent, *never)):
        raise LookupError(".dockerignore has a rule that is not understood here")
    context.mkdir()
    for name in sent:
        if (tree / name).is_dir():
            shutil.copytree(tree / name, context / name, ignore=shutil.ignore_patterns(*never))
        elif (tree / name).exists():
            shutil.copy2(tree / name, context)


def python() -> str:
    """Find a Python that any user of this machine may run.

    Raises:
        LookupError: where there is none.
    """
    test = "import sys; raise SystemExit(sys.version_info < (3, 11))"
    for found in PYTHONS:
        demoted = ["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups"]
        command = [*(demoted if os.geteuid() == 0 else []), found, "-c", test]
        if Path(found).exists() and subprocess.run(command, check=False).returncode == 0:
            return found
    raise LookupError(f"none of {', '.join(PYTHONS)} is Python 3.11 or newer for every user")
