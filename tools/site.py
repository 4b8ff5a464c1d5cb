"""Builds the documentation site: `make site`, into .cache/site/built.

Zensical keeps a folder `.cache` beside its configuration, and `--clean` empties it; here that name
is the cache of this repository. So it works on a copy.
"""

import shutil
from pathlib import Path

from tests.harness.environments import pinned
from tests.harness.process import environment, run

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "tools/zensical"
PLACE = ROOT / ".cache/site"


def built(place: Path) -> Path:
    """Build the site below a folder, which is made anew, and give where its pages are.

    Raises:
        CommandError: with what Zensical said: a link to a page that is not there is an error.
    """
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT / "docs", place / "docs")
    shutil.copy(ROOT / "zensical.toml", place)
    command = [str(pinned(PINS) / "bin/zensical"), "build", "--strict"]
    run(command, cwd=place, env=environment({"NO_COLOR": "1"}))
    return place / "built"


if __name__ == "__main__":
    print(f"The site: {built(PLACE) / 'index.html'}")
