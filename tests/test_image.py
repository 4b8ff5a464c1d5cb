"""What the Dockerfile would run, run: built in an empty folder, then used as an operator would.

Not by root, on a file system that cannot be written, with the command and the check that stand in
the Dockerfile. What a base image brings, and how large layers are, is not seen here.
"""

import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from tests.harness.image import Image
from tests.harness.process import CommandError, Server, attempt, serving
from tests.harness.resolving import lock
from tests.harness.servers.private import free_port
from tests.harness.service import broker_for, database_for
from tests.harness.variants import Variant, backend_variants, render_in_series, with_answer

NONE, _, CELERY, _ = backend_variants()
OPEN = with_answer(with_answer(NONE, "auth", "none"), "layout", "layered")
WORKING = with_answer(CELERY, "database", "postgres")
HOST = "desk.example.com"


@contextmanager
def built(variant: Variant, template: Path) -> Iterator[Image]:
    """Build an image, where every user of this machine gets to."""
    with tempfile.TemporaryDirectory(prefix="drydock-image-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        tree = render_in_series(
            {"project_name": "Harbour Desk"} | variant.data(), home / "tree", template
        )
        lock(tree)
        image = Image(tree, home)
        image.close("/data")
        try:
            yield image
        finally:
            for path in image.root.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)


def listing(root: Path) -> Mapping[str, bytes]:
    """Sum up each file of an image."""
    return {
        str(path.relative_to(root)): sha256(path.read_bytes()).digest()
        for path in root.rglob("*")
        if path.is_file() and not path.is_relative_to(root / "data")
    }


def run(image: Image, env: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the image to its end; it must succeed."""
    command = image.as_user(*image.entrypoint, *arguments)
    done = attempt(command, cwd=image.place("."), env=image.runtime(env), seconds=60)
    if done.code:
        raise CommandError(f"{arguments} ended with {done.code}:\n{done.output}")
    return done.output


def checked(image: Image, env: Mapping[str, str]) -> int:
    """Make the check of the Dockerfile, and give its exit code."""
    command = image.as_user(*image.check)
    return attempt(command, cwd=image.place("."), env=image.runtime(env), seconds=10).code


def wait_until_healthy(image: Image, env: Mapping[str, str], server: Server) -> None:
    deadline = time.monotonic() + 60
    while checked(image, env) != 0:
        assert server.process.poll() is None, server.output()
        assert time.monotonic() < deadline, server.output()
        time.sleep(0.2)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(OPEN, id="sqlite"),
        pytest.param(WORKING, id="celery", marks=pytest.mark.needs("redis")),
    ],
)
def test_the_image_serves_as_nobody_on_a_read_only_file_system(
    shape: Variant, template: Path, tmp_path: Path
) -> None:
    with (
        built(shape, template) as image,
        database_for(shape, tmp_path / "data") as database,
        broker_for(shape) as broker,
    ):
        env = {"PORT": str(free_port()), "ALLOWED_HOSTS": HOST}
        if shape["database"] == "postgres":
            env["DATABASE_URL"] = database
        if shape["auth"] == "jwt":
            env["SECRET_KEY"] = secrets.token_urlsafe(48)
        if broker:
            env |= {"BROKER_URL": broker.url, "TASK_QUEUE": broker.queue}
        before = listing(image.root)
        compiled = [name for name in before if name.endswith(".pyc")]
        assert any(name.startswith("srv/code/app/") for name in compiled)
        assert any("site-packages/fastapi/" in name for name in compiled)
        assert not any("site-packages/pytest/" in name for name in before)
        assert not any(name.startswith(("srv/tests", "srv/.env", "srv/uv.lock")) for name in before)
        assert image.user == "10001"
        for place in ("/srv", "/srv/code/app", "/srv/.venv/bin", "/srv/migrations"):
            touch = image.as_user("touch", str(image.place(f"{place}/x")))
            assert subprocess.run(touch, capture_output=True).returncode != 0, place
        assert image.command[0] == "serve"

        run(image, env, "db", "upgrade")
        command = image.as_user(*image.entrypoint, *image.command)
        cwd, within = image.place("."), image.runtime(env)
        with serving(command, cwd=cwd, env=within, log=tmp_path / "server.log") as server:
            wait_until_healthy(image, env, server)
            address = f"http://127.0.0.1:{env['PORT']}"
            through_nobody = env | {"http_proxy": "http://127.0.0.1:9"}
            assert checked(image, through_nobody) == 0, "the check asks a proxy"
            assert httpx2.get(f"{address}/health/ready").status_code == 200
            assert httpx2.get(f"{address}/no-such", headers={"Host": HOST}).status_code == 404
            owner = Path(f"/proc/{server.process.pid}").stat().st_uid
            assert owner == (int(image.user) if command[0] == "setpriv" else owner)
            if broker:
                worker = image.as_user(*image.entrypoint, "worker")
                with serving(worker, cwd=cwd, env=within, log=tmp_path / "worker.log") as at_work:
                    deadline = time.monotonic() + 60
                    ready = image.as_user(*image.entrypoint, "worker", "ready")
                    while attempt(ready, cwd=cwd, env=within, seconds=30).code != 0:
                        assert time.monotonic() < deadline, at_work.output()
                    assert at_work.terminate(20) == 0, at_work.output()
            assert server.terminate(20) == -signal.SIGTERM or server.process.returncode == 0
        assert checked(image, env) != 0, "the check is content where nothing answers"
        assert listing(image.root) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("uv.lock", None, None, "uv.lock"),
        ("pyproject.toml", '"cronsim', '"attrs",\n  "cronsim', "needs to be updated"),
        (".dockerignore", "!migrations\n", "", "migrations"),
        (".dockerignore", "!LICENSE\n", "", "LICENSE"),
        ("Dockerfile", "USER 10001", "ONBUILD USER 10001", "ONBUILD"),
    ],
)
def test_a_build_that_cannot_be_is_refused(
    file: str, old: str | None, new: str | None, said: str, template: Path, tmp_path: Path
) -> None:
    answers = {"project_name": "Harbour Desk"} | OPEN.data()
    tree = render_in_series(answers, tmp_path / "tree", template)
    lock(tree)
    if old is None or new is None:
        (tree / file).unlink()
    else:
        text = (tree / file).read_text(encoding="utf-8")
        assert old in text
        (tree / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises((LookupError, CommandError), match=said):
        Image(tree, tmp_path)
