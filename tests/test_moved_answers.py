"""A release that asks otherwise: plain Copier keeps what the answers of a service meant."""

from pathlib import Path

from tests.harness.releases import commit, first_release, generate, git, recorded, release, update

ANSWERS = {
    "project_name": "Harbour Desk",
    "database": "postgres",
    "tasks": "celery",
    "celery_broker": "rabbitmq",
}
TABLE = "MOVED: dict[str, Moved] = {"
# What such a release changes: a file, its text, the text in its place.
Changes = list[tuple[str, str, str]]
RENAMED_QUESTION: Changes = [
    ("copier.yml", "celery_broker:", "broker:"),
    ("copier.yml", "default: redis", "default: \"{{ carried('broker', 'redis') }}\""),
    ("extensions/facts.py", 'get("celery_broker")', 'get("broker")'),
    ("extensions/requirements.py", 'get("celery_broker")', 'get("broker")'),
    ("extensions/delivery.py", 'get("celery_broker")', 'get("broker")'),
    ("extensions/changes.py", TABLE, TABLE + '"celery_broker": Moved("broker"), '),
]
RENAMED_ANSWER: Changes = [
    ("copier.yml", '(postgres)": postgres\n', '(postgres)": postgresql\n'),
    ("copier.yml", "default: sqlite", "default: \"{{ carried('database', 'sqlite') }}\""),
    ("extensions/facts.py", '"database") == "postgres"', '"database") == "postgresql"'),
    ("extensions/requirements.py", '"database") == "postgres"', '"database") == "postgresql"'),
    ("extensions/delivery.py", '"database") == "postgres"', '"database") == "postgresql"'),
    (
        "extensions/changes.py",
        TABLE,
        TABLE + '"database": Moved("database", {"postgres": "postgresql"}), ',
    ),
]


def change(template: Path, changes: Changes) -> None:
    """Write another release of the template, not committed yet."""
    for name, old, new in changes:
        file = template / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"renew this test: {name} has {old!r} not once"
        file.write_text(text.replace(old, new), encoding="utf-8")


def changed_files(service: Path) -> list[str]:
    return [line[3:] for line in git(service, "status", "--porcelain").splitlines()]


def test_answers_keep_their_meaning(tmp_path: Path) -> None:
    releases = first_release(tmp_path / "template")
    service = generate(releases, tmp_path / "service", ANSWERS)
    late = generate(releases, tmp_path / "late", ANSWERS | {"database": "sqlite"})
    answers = {name: value for name, value in recorded(service).items() if name not in ANSWERS}

    change(releases, RENAMED_QUESTION)
    release(releases, "0.2.0")
    update(service)

    now = {"project_name": "Harbour Desk", "tasks": "celery", "broker": "rabbitmq"}
    assert recorded(service) == answers | now | {"database": "postgres"}
    assert changed_files(service) == [".copier-answers.yml"]
    commit(service, "Updated")

    change(releases, RENAMED_ANSWER)
    release(releases, "0.3.0")
    update(service)
    update(late)  # over both at once

    assert recorded(service) == answers | now | {"database": "postgresql"}
    assert recorded(late) == answers | now | {"database": "sqlite"}
    assert changed_files(service) == changed_files(late) == [".copier-answers.yml"]
