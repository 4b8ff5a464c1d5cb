from pathlib import Path

import pytest

from app.core.db import local
from app.core.settings.base import SettingsError


async def test_a_private_server_that_does_not_start_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SERVER", "postgresql://postgres@127.0.0.1:1")
    monkeypatch.setattr(local, "DATA", tmp_path / "postgres")
    local.DATA.write_text("no folder")
    with pytest.raises(SettingsError, match="a private one does not start: "):
        await local.find_or_start()
