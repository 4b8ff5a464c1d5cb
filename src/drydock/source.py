"""Which template, at which ref."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from drydock.errors import Refused

DISTRIBUTION = "fastapi-drydock"
# What Copier hands to Git as it stands: a scheme, gh: and gl:, git@host:.
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|git\+|g[hl]:|[^/\s]+@[^/\s]+:", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A template as Copier takes it; `ref` is None for its newest release tag.

    The location of a local template is absolute, because the service records it and a later
    update may run in any folder.
    """

    location: str
    ref: str | None


def find(template: str | None, ref: str | None) -> Source:
    """Choose the template: the one asked for, this checkout at HEAD, the package's own address.

    Raises:
        Refused: when there is none.
    """
    if ref == "":
        raise Refused("--ref is empty: give a tag, a branch or a commit, or leave it out.")
    if template is not None:
        return Source(absolute(template), ref)
    root = checkout()
    if root is not None:
        return Source(str(root), ref or "HEAD")
    address = published()
    if address is None:
        raise Refused(
            "this installation names no template: give one with --template, a folder or a Git URL."
        )
    return Source(absolute(address), ref)


def absolute(template: str) -> str:
    """Make a local path absolute, and leave the address of a remote template as it is.

    Raises:
        Refused: for a path that does not exist.
    """
    path = Path(template).expanduser()
    if template and path.exists():
        return str(path.absolute().resolve())
    if ADDRESS.match(template):
        return template
    raise Refused(
        f"the template {template!r} does not exist: give a folder or a Git URL with --template."
    )


def checkout() -> Path | None:
    """Find the checkout that this module runs from, if it does not run from an installed wheel."""
    package = Path(__file__).resolve().parent
    root = package.parents[1]
    if package.parent.name == "src" and (root / "copier.yml").is_file():
        return root
    return None


def published() -> str | None:
    """Read the `Template` address among the project URLs of the installed package."""
    try:
        urls = metadata(DISTRIBUTION).get_all("Project-URL", [])
    except PackageNotFoundError:
        return None
    for url in urls:
        label, _, address = url.partition(",")
        if label.strip().lower() == "template":
            return str(address.strip())
    return None
