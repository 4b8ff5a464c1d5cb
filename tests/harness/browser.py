"""Pages in a browser, a service's own and those of the site: a Chromium that npm installs."""

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.harness import npm

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Seen:
    """What happened on the page.

    `violations` of its Content-Security-Policy; `errors` of its scripts and in the console;
    `requests`, the address of each; `operations` that were shown, as `GET /health/live`; `answers`,
    the status and the body that were shown for each one that was tried.
    """

    violations: list[str]
    errors: list[str]
    requests: list[str]
    operations: list[str]
    answers: list[dict[str, str]]


@dataclass(frozen=True)
class Looked:
    """How a page was: `width`, in pixels, of what is laid out, wider than the screen where a reader
    has to push it sideways; the ids that links may name; `links` as the browser follows them;
    pictures that are `broken`; colours of `text` and `background` in `light` and in `dark`.
    """

    width: int
    ids: list[str]
    links: list[str]
    broken: list[str]
    light: dict[str, str]
    dark: dict[str, str]
    requests: list[str]
    errors: list[str]


def chromium() -> Path:
    """Give the folder where Chromium and its driver are.

    Raises:
        LookupError: on a machine for which npm has none.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise LookupError(
            "npm has a Chromium for Linux on x86-64 alone, and this is another system"
        )
    return npm.installed(HERE / "chromium", then=("node", "unpack.js"))


@dataclass(frozen=True)
class Try:
    """An operation that is tried; `method` in small letters."""

    method: str
    path: str
    body: dict[str, str] | None = None


def look_at_docs(
    address: str,
    folder: Path,
    tries: Sequence[Try],
    account: tuple[str, str] | None = None,
    picture: str = "docs.png",
) -> Seen:
    """Open `/docs`, try operations, unfold all. With an account, register it and log in first.

    A picture of the page as it was at the end goes into the folder.
    """
    given = {
        "address": address,
        "browser": str(chromium()),
        "picture": str(folder / picture),
        "account": dict(zip(("email", "password"), account, strict=True)) if account else None,
        "tries": [asdict(each) for each in tries],
    }
    said = npm.run_in(folder, "node", str(HERE / "docs_page.mjs"), json.dumps(given))
    return Seen(**json.loads(said.splitlines()[-1]))


def look_at_pages(
    address: str, paths: Sequence[str], folder: Path, width: int
) -> dict[str, Looked]:
    """Open each of these pages on a screen that is so wide."""
    given = {"address": address, "paths": paths, "width": width, "browser": str(chromium())}
    said = npm.run_in(folder, "node", str(HERE / "site.mjs"), json.dumps(given))
    return {path: Looked(**seen) for path, seen in json.loads(said.splitlines()[-1]).items()}
