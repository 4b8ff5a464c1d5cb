"""Migrations that a test writes, where there are no others."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", {down_revision!r}

def upgrade() -> None:
    {body}
"""


def work_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder what Alembic finds in the root of the service, but for the migrations."""
    ignored = shutil.ignore_patterns("[0-9]*", "__pycache__")
    shutil.copytree(ROOT / "migrations", folder / "migrations", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    monkeypatch.chdir(folder)


def write(revision: str, down_revision: str | None, body: str) -> None:
    """Write a migration; of its body every line but the first has an indent of four spaces."""
    module = MIGRATION.format(revision=revision, down_revision=down_revision, body=body.strip())
    Path(f"migrations/versions/{revision}.py").write_text(module)
