"""Releases that never were: patches in tests/synthetic, each a kind of change that templates see.

They apply in the order of their names to the template as it is now; each has its version from the
changelog that it brings. Where one no longer applies:

python -m tests.harness.synthetic PLACE   # what applies of it, on a repository of all before it
...                                       # mend it there, as *.rej tells, and delete these
python -m tests.harness.synthetic PLACE   # write the patch, and look at those after it
"""

import re
import subprocess
import sys
from pathlib import Path

from drydock import changelog
from tests.harness.history import released
from tests.harness.paths import ROOT
from tests.harness.releases import all_releases, git, release, tags

FOLDER = ROOT / "tests/synthetic"
# Little context: what others change beside it is nothing to a patch.
DIFF = ("diff", "--cached", "--unified=1", "--find-renames", "--no-color", "--no-ext-diff")
# Of no use to who reads or applies it, and different after each renewal.
BLOBS = re.compile(r"^index .*\n", re.MULTILINE)


def patches() -> list[Path]:
    """Give the patches in their order."""
    return sorted(FOLDER.glob("*.patch"))


def all_and_synthetic(place: Path) -> Path:
    """Make a repository of the releases so far, of the template as it is now, and of the patches.

    Raises:
        LookupError: for a patch that no longer applies.
    """
    template = all_releases(place)
    for patch in patches():
        apply(patch, template)
    return template


def apply(patch: Path, template: Path) -> None:
    """Make a release of a patch.

    Raises:
        LookupError: where it does not apply.
    """
    command = ["git", "apply", "--index", str(patch)]
    done = subprocess.run(command, cwd=template, capture_output=True, text=True)
    if done.returncode:
        raise LookupError(
            f"tests/synthetic/{patch.name} no longer applies to the template; how to renew it "
            f"stands in tests/harness/synthetic.py. Git says:\n{done.stderr.strip()}"
        )
    release_of_patch(template)


def release_of_patch(template: Path) -> None:
    """Make a release of what a patch changed, with the version that its changelog has."""
    release(template, str(max(each.version for each in changelog.read(template) if each.version)))


def renew(place: Path) -> str:
    """Write the patch that was mended, if one was, and go on to the next that needs it.

    Returns:
        What is to be done now.
    """
    if place.exists():
        git(place, "add", "--all")
        patch = remaining(place)[0]
        patch.write_text(BLOBS.sub("", git(place, *DIFF)), encoding="utf-8")
        release_of_patch(place)
    else:
        all_releases(place)
    for patch in remaining(place):
        try:
            apply(patch, place)
        except LookupError as error:
            subprocess.run(["git", "apply", "--reject", str(patch)], cwd=place, check=False)
            return f"{error}\nMend it in {place}, then run this again."
    return "All patches apply."


def remaining(place: Path) -> list[Path]:
    """Give the patches that are no release of a repository yet: the first one is at work."""
    return patches()[len(tags(place)) - len(released()) - 1 :]


if __name__ == "__main__":
    print(renew(Path(sys.argv[1]).resolve()))
