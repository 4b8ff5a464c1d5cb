"""The documentation site: built, and read in a browser on a telephone, by day and by night."""

import re
import shlex
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

import pytest
import typer
from typer.core import TyperGroup

from drydock.cli import app
from tests.harness.browser import Looked, look_at_pages
from tests.harness.paths import ROOT
from tests.harness.variants import questions
from tools.site import built

TELEPHONE = 375
# Of the Web Content Accessibility Guidelines: what may be between text and what is behind it.
LEAST_CONTRAST = 4.5
# What a page names so that a reader goes there by choice; nothing of them is loaded.
ELSEWHERE = {
    "https://copier.readthedocs.io/",
    "https://docs.astral.sh/uv/getting-started/installation/",
    "https://git-scm.com/",
    "https://github.com/fastapi/full-stack-fastapi-template",
    "https://zensical.org/",
}
PAGES = sorted((ROOT / "docs").rglob("*.md"))


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("site") / "made")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def seen(site: Path, address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Looked]:
    return look_at_pages(address, paths(site), tmp_path_factory.mktemp("looked"), TELEPHONE)


def paths(site: Path) -> list[str]:
    """Give the address of each page below that of the site."""
    found = [page.parent.relative_to(site).as_posix() for page in site.rglob("index.html")]
    return sorted("/" if path == "." else f"/{path}/" for path in found)


def path_of(page: Path) -> str:
    """Give the address at which a file of docs/ is read."""
    name = page.relative_to(ROOT / "docs").with_suffix("").as_posix()
    name = re.sub(r"(^|/)(index|README)$", "", name)
    return f"/{name}/" if name else "/"


def contrast(colours: dict[str, str]) -> float:
    """Compute how far text is from what is behind it (WCAG 2.2, relative luminance)."""
    lights = sorted(map(luminance, colours.values()))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    channels = [float(part) for part in re.findall(r"[\d.]+", colour)[:3]]
    if colour.startswith("rgb"):
        channels = [channel / 255 for channel in channels]
    linear = [
        each / 12.92 if each <= 0.04 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_page_is_in_the_navigation_and_in_the_site(site: Path) -> None:
    named = re.findall(r"= \"([\w./-]+\.md)\"", (ROOT / "zensical.toml").read_text())
    assert sorted(named) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in PAGES)
    assert sorted(map(path_of, PAGES)) == paths(site)


@pytest.mark.needs("node")
def test_no_link_is_broken(seen: dict[str, Looked], address: str) -> None:
    broken = set()
    followed = 0
    for path, page in seen.items():
        for link in page.links:
            place, name = urldefrag(link)
            if not place.startswith(f"{address}/"):
                if place not in ELSEWHERE:
                    broken.add(f"{path}: {link}")
                continue
            target = place.removeprefix(address)
            followed += 1
            if target.endswith(".svg"):
                continue
            if target not in seen or (name and unquote(name) not in seen[target].ids):
                broken.add(f"{path}: {link}")
    assert broken == set()
    assert followed > 1000


@pytest.mark.needs("node")
def test_nothing_comes_from_another_host_and_nothing_fails(
    seen: dict[str, Looked], address: str
) -> None:
    for path, page in seen.items():
        assert [asked for asked in page.requests if not asked.startswith(f"{address}/")] == [], path
        assert page.errors == [], path
        assert page.broken == [], path


@pytest.mark.needs("node")
def test_a_telephone_shows_all_of_a_page(seen: dict[str, Looked]) -> None:
    assert {path: page.width for path, page in seen.items() if page.width > TELEPHONE} == {}


@pytest.mark.needs("node")
def test_it_can_be_read_by_day_and_by_night(seen: dict[str, Looked]) -> None:
    for path, page in seen.items():
        assert luminance(page.light["background"]) > 0.8, path
        assert luminance(page.dark["background"]) < 0.1, path
        assert min(contrast(page.light), contrast(page.dark)) > LEAST_CONTRAST, path


@pytest.mark.parametrize("picture", ["recording", "domain", "layered"])
def test_a_picture_needs_nothing_else(picture: str) -> None:
    text = (ROOT / f"docs/pictures/{picture}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|<script|url\(", text) == []
    assert "prefers-color-scheme" in text
    assert ("prefers-reduced-motion" in text) is (picture == "recording")


def test_the_recording_is_of_the_interview_of_now() -> None:
    text = (ROOT / "docs/pictures/recording.svg").read_text(encoding="utf-8")
    asked = [name for name in questions() if f"{name}:" in text]
    missing = set(questions()) - set(asked)
    # What these answers bring: Redis is what ARQ waits in.
    assert missing == {"celery_broker"}, "run `make recording`"
    for name in asked:
        assert questions()[name]["help"].replace("\u2019", "'")[:40] in text, "run `make recording`"


def commands_of(page: Path) -> list[list[str]]:
    """Give the words of each `drydock` command that a page shows."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|bash)[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.partition(" | ")[0] for line in "\n".join(blocks).splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("drydock ")]


@pytest.mark.parametrize(
    "page",
    [page for page in (ROOT / "README.md", *PAGES) if commands_of(page)],
    ids=lambda page: page.stem,
)
def test_a_command_that_a_page_shows_is_one(page: Path) -> None:
    drydock = typer.main.get_command(app)
    assert isinstance(drydock, TyperGroup)
    for words in commands_of(page):
        if words[0] == "--version":
            continue
        with drydock.make_context("drydock", list(words)) as context:
            name, command, options = drydock.resolve_command(context, words)
            assert command is not None
            with command.make_context(name, options, parent=context):
                pass  # it has every option, and as many arguments


def test_the_readme_claims_nothing_without_a_link_and_no_link_leads_nowhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", readme)
    for link in (first or second for first, second in links):
        place, _, name = link.partition("#")
        if place in ELSEWHERE:
            continue
        assert (ROOT / place).exists(), link
        assert not name or name in anchors(ROOT / place), link
    for title in ("What comes out", "What makes it different"):
        section = readme.partition(f"## {title}\n")[2].partition("\n## ")[0]
        rows = [row for row in section.splitlines() if row.startswith("| ")][2:]
        assert len(rows) > 5, title
        assert [row for row in rows if "](" not in row.rsplit(" | ", 1)[1]] == [], title


def anchors(page: Path) -> set[str]:
    """Give the names that a forge gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
