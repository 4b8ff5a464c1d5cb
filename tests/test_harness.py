"""The harness itself: a check that cannot fail is a defect, and so is a server left behind."""

import json
import os
import smtplib
import subprocess
import sys
import threading
from contextlib import nullcontext
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness import mail, proof, service
from tests.harness.background import background_work, check_that_mail_waits
from tests.harness.groups import group_is_alive
from tests.harness.process import CommandError, attempt, environment, run, serving
from tests.harness.resolving import ask_the_index, lock
from tests.harness.servers import REDIS, Broker
from tests.harness.service import Service, run_command
from tests.harness.sums import fingerprint
from tests.harness.variants import (
    Variant,
    all_variants,
    backend_variants,
    render,
    snapshot,
)

PYTHON = sys.executable
LEAVES_A_CHILD = "import subprocess; subprocess.Popen(['sleep', '60'])"
SETTINGS = ("DATABASE_URL", "BROKER_URL", "TASK_QUEUE", "SMTP_URL", "MAIL_FROM")
DELIVERS = """
import pathlib, time
while True:
    for path in pathlib.Path("waiting").iterdir():
        path.rename("var/mail/" + path.name)
    time.sleep(0.05)
"""
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n" + (
    "time.sleep(60)"
)


def test_failed_command_shows_its_output(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"ended with 3:\nthe reason"):
        run([PYTHON, "-c", "print('the reason'); exit(3)"], cwd=tmp_path, env=os.environ)


def test_command_that_hangs_is_ended(tmp_path: Path) -> None:
    done = attempt(
        [PYTHON, "-c", "import time; time.sleep(60)"], cwd=tmp_path, env=os.environ, seconds=0.5
    )
    assert done.code == 124


def test_nothing_of_this_run_reaches_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VIRTUAL_ENV", "PYTEST_XDIST_WORKER", "MAKEFLAGS", REDIS.chosen, *SETTINGS):
        monkeypatch.setenv(name, "x")
    found = environment({"ENVIRONMENT": "test"})
    assert found["ENVIRONMENT"] == "test"
    assert not {"VIRTUAL_ENV", "PYTEST_XDIST_WORKER", "MAKEFLAGS", *SETTINGS} & set(found)
    assert REDIS.chosen not in found


def test_server_that_ignores_sigterm_fails(tmp_path: Path) -> None:
    command = [PYTHON, "-c", DEAF]
    with serving(command, cwd=tmp_path, env=os.environ, log=tmp_path / "log") as server:
        while "up" not in server.output():
            pass
        with pytest.raises(CommandError, match="SIGTERM did not end the server within 1 s"):
            server.terminate(seconds=1)


def test_server_that_leaves_a_child_fails(tmp_path: Path) -> None:
    command = [PYTHON, "-c", LEAVES_A_CHILD]
    with serving(command, cwd=tmp_path, env=os.environ, log=tmp_path / "log") as server:
        server.process.wait(10)
        with pytest.raises(CommandError, match="left processes behind"):
            server.terminate(seconds=1)


def test_process_that_ended_does_not_run() -> None:
    process = subprocess.Popen(["true"], start_new_session=True)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    os.killpg(process.pid, 0)  # it is listed, for nobody has asked how it ended
    assert not group_is_alive(process.pid)
    process.wait()


@pytest.fixture
def stand_in(tmp_path: Path) -> Service:
    """A service whose `uv` is a script: `worker` runs the file `run`, `ready` the file `ready`."""
    programs, path = tmp_path / "programs", tmp_path / "service"
    programs.mkdir()
    path.mkdir()
    (programs / "uv").write_text('#!/bin/sh\nexec sh "./${4:-run}"\n', encoding="utf-8")
    (programs / "uv").chmod(0o755)
    service = Service(path, "sqlite:///x")
    service.env["PATH"] = f"{programs}{os.pathsep}{service.env['PATH']}"
    return service


def test_worker_runs_while_the_block_lasts(stand_in: Service) -> None:
    (stand_in.path / "run").write_text("echo At work; touch up; exec sleep 60")
    (stand_in.path / "ready").write_text("test -e up")
    with stand_in.working() as worker:
        assert worker.process.poll() is None
    assert worker.process.poll() is not None


def test_worker_that_ends_fails(stand_in: Service) -> None:
    (stand_in.path / "run").write_text("echo At work; echo the reason; exit 3")
    (stand_in.path / "ready").write_text("exit 1")
    with (
        pytest.raises(CommandError, match=r"worker ended with 3:\nAt work\nthe reason"),
        stand_in.working(),
    ):
        pass


def test_worker_that_is_never_ready_fails(
    stand_in: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WORKER_READY_WITHIN", 0.5)
    (stand_in.path / "run").write_text("echo At work, waiting; exec sleep 60")
    (stand_in.path / "ready").write_text("echo not yet; exit 1")
    with (
        pytest.raises(CommandError, match=r"(?s)not ready within.*not yet.*waiting"),
        stand_in.working(),
    ):
        pass


@pytest.mark.parametrize(
    ("worker", "ready", "what_is_wrong"),
    [
        (
            "echo At work; touch up; exec sleep 60",
            "test -e up",
            "a worker that is gone is called ready",
        ),
        ("echo At work, Traceback; touch up; exec sleep 60", "test -e up && rm up", "Traceback"),
        (
            "echo At work; sleep 60 & touch up; exec sleep 60",
            "test -e up && rm up",
            "left processes behind",
        ),
        (
            "trap 'exit 3' TERM; echo At work; touch up; while :; do :; done",
            "test -e up && rm up",
            "worker",
        ),
    ],
)
def test_worker_that_does_not_stop_in_peace_fails(
    worker: str, ready: str, what_is_wrong: str, stand_in: Service
) -> None:
    stand_in.broker = Broker("redis://127.0.0.1", "x")
    (stand_in.path / "run").write_text(worker)
    (stand_in.path / "ready").write_text(ready)
    with pytest.raises(AssertionError) as caught, background_work(stand_in):
        pass
    assert what_is_wrong in "".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


def test_worker_that_stops_in_peace_passes(stand_in: Service) -> None:
    stand_in.broker = Broker("redis://127.0.0.1", "x")
    (stand_in.path / "run").write_text("echo At work; touch up; exec sleep 60")
    (stand_in.path / "ready").write_text("test -e up && rm up")
    with background_work(stand_in):
        pass


def letter(to: str, *kinds: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@example.com", to, "Welcome"
    for kind in kinds:
        message.add_alternative("Hello.", subtype=kind)
    return message


def test_mail_is_found_and_read(tmp_path: Path) -> None:
    inbox = mail.files(tmp_path)
    assert mail.has_come(inbox, "ada@example.com", seconds=0.1) is None
    with pytest.raises(AssertionError, match="no mail to ada"):
        mail.expect(inbox, "ada@example.com", seconds=0.1)
    folder = tmp_path / "var/mail"
    folder.mkdir(parents=True)
    for to, kinds in {
        "ada@example.com": ("plain", "html"),
        "bob@example.com": ("plain",),
        "eve@example.com, max@example.com": ("plain", "html"),
    }.items():
        (folder / f"{to[:3]}.eml").write_bytes(letter(to, *kinds).as_bytes())
    assert mail.expect(inbox, "ada@example.com")["Subject"] == "Welcome"
    with pytest.raises(AssertionError, match="text/html is not among"):
        mail.expect(inbox, "bob@example.com")
    with pytest.raises(AssertionError):
        mail.expect(inbox, "eve@example.com")


@pytest.mark.parametrize(("place", "is_right"), [("waiting", True), ("var/mail", False)])
def test_mail_has_to_wait_for_a_worker(place: str, is_right: bool, stand_in: Service) -> None:
    stand_in.broker = Broker("redis://127.0.0.1", "x")
    for folder in ("waiting", "var/mail"):
        (stand_in.path / folder).mkdir(parents=True)
    (stand_in.path / "worker.py").write_text(DELIVERS)
    (stand_in.path / "run").write_text(f"echo At work; touch up; exec {PYTHON} worker.py")
    (stand_in.path / "ready").write_text("test -e up && rm up")

    class Registration(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            account = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content = letter(account["email"], "plain", "html").as_bytes()
            (stand_in.path / place / "new.eml").write_bytes(content)
            self.send_response(202)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Registration) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        verdict = nullcontext() if is_right else pytest.raises(AssertionError, match="who sent")
        with verdict:
            check_that_mail_waits(stand_in, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_smtp_server_takes_mail() -> None:
    with mail.smtp_server() as (url, inbox):
        server = urlsplit(url)
        with smtplib.SMTP(str(server.hostname), server.port or 0) as client:
            client.send_message(letter("ada@example.com", "plain", "html"))
            with pytest.raises(smtplib.SMTPDataError):
                client.send_message(letter("ada@example.com"), to_addrs=["eve@example.com"])
        assert len(inbox()) == 1
        mail.expect(inbox, "ada@example.com")


def test_command_is_read_from_the_readme() -> None:
    readme = (
        "# A\n\n## Run\n\n```sh\nmake dev\nuv run app serve --host ::  # all\n```\n\n## Other\n"
    )
    assert run_command(readme) == ["uv", "run", "app", "serve", "--host", "::"]


@pytest.mark.parametrize(
    "readme",
    [
        "# A\n\n```sh\nuv run app serve\n```\n",
        "# A\n\n## Run\n\nuv run app serve\n",
        "# A\n\n## Run\n\nText.\n\n## Other\n\n```sh\nuv run app serve\n```\n",
    ],
)
def test_readme_without_the_command_fails(readme: str) -> None:
    with pytest.raises(LookupError):
        run_command(readme)


def test_result_counts_only_for_the_same_tree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(proof, "FOLDER", tmp_path / "proof")
    variant: Variant = all_variants()[0]
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text('Ada\'s "Harbour"', encoding="utf-8")
    before = fingerprint(tree)
    with pytest.raises(ValueError, match="broken"), proof.recorded(variant, before, {}):
        raise ValueError("broken")
    assert proof.passed(variant, before) is None
    with proof.recorded(variant, before, {}):
        pass
    assert proof.passed(variant, before) is not None
    with pytest.raises(KeyboardInterrupt), proof.recorded(variant, before, {}):
        raise KeyboardInterrupt
    assert proof.passed(variant, before) is not None
    (tree / "a.txt").chmod(0o755)
    assert fingerprint(tree) != before
    assert proof.passed(variant, fingerprint(tree)) is None


def test_a_change_makes_old_what_it_touches_and_nothing_else(tmp_path: Path) -> None:
    now, later = snapshot(tmp_path / "now"), snapshot(tmp_path / "later")
    with next((later / "template").rglob("*celery*/broker.py")).open("a") as file:
        file.write("# later\n")
    sums = {
        (source.name, str(variant["tasks"])): fingerprint(
            render(
                {"project_name": "A"} | variant.data(),
                tmp_path / f"{source.name}-{variant}",
                source,
            )
        )
        for source in (now, later)
        for variant in backend_variants()
    }
    changed = {tasks for _, tasks in sums if sums["now", tasks] != sums["later", tasks]}
    assert changed == {"celery"}


def test_one_question_to_the_index_serves_every_variant(tmp_path: Path) -> None:
    ask_the_index()
    source = snapshot(tmp_path / "source")
    for variant in backend_variants():
        tree = render({"project_name": "A"} | variant.data(), tmp_path / str(variant), source)
        run(["uv", "lock", "--offline"], cwd=tree, env=environment({}))
        lock(tree)
        assert f'name = "{variant["tasks"]}"' in (tree / "uv.lock").read_text() or (
            variant["tasks"] == "none"
        )
