"""Writes docs/reference/proof.md from the results of `make proof`, and says which are missing.

A result counts only for the very tree that the template renders now, judged by the tests of now.

python -m tools.record_proof
"""

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.harness import chain, memo, parity, proof
from tests.harness.paths import ROOT
from tests.harness.resolving import ask_the_index, lock
from tests.harness.sums import fingerprint
from tests.harness.synthetic import all_and_synthetic
from tests.harness.variants import Variant, array, snapshot
from tests.harness.variants import render as render_variant

PAGE = ROOT / "docs/reference/proof.md"
STRENGTH = 3  # of `make proof`
HEAD = """# Proof

Every variant, generated, installed, migrated up, down and up, linted and tested by its own
commands, then served, with a worker where it has one, and asked over HTTP. Written by `make proof`,
which runs what has changed since. Where the template, a library or the tests have changed after the
last run of a variant, `then` stands behind its verdict.

| variant | verdict | seconds | date |
| --- | --- | --- | --- |
"""


OF_UPDATES = "\n## Updates\n"
UPDATES = f"""{OF_UPDATES}
A service of the first release follows each one after it, then those of tests/synthetic that never
were. After each: no conflict, one line of migrations, its own lint and tests, 100,000 rows where
they were, and it serves and is ready. Every second one is updated with `drydock update`, the others
with plain Copier.

| variant | verdict | seconds | date |
| --- | --- | --- | --- |
"""
Found = Sequence[tuple[Variant, proof.Record | None]]


def rows(found: Found, before: str) -> str:
    """Write a row for each variant; of one without a result, the row of the page as it was."""
    known = {
        each[1]: each for each in re.findall(r"(\| (\S+) \| (\w+)(?: then)? (\|.*\n))", before)
    }
    written = ""
    for variant, record in found:
        if record:
            written += f"| {variant} | {record.verdict} | {record.seconds:.0f} | {record.date} |\n"
        elif str(variant) in known:
            _, _, verdict, rest = known[str(variant)]
            written += f"| {variant} | {verdict} then {rest}"
        else:
            written += f"| {variant} | not run | | |\n"
    return written


def versions(records: Sequence[proof.Record | parity.Record]) -> str:
    """Write what they ran on: every version of each library that a result names."""
    seen: dict[str, set[str]] = {}
    for record in records:
        for name, version in record.versions.items():
            seen.setdefault(name, set()).add(version)
    rows = "".join(f"| {name} | {', '.join(sorted(each))} |\n" for name, each in seen.items())
    return "\n| ran on | version |\n| --- | --- |\n" + rows if rows else ""


def page(found: Found, updated: Found, before: str = "") -> str:
    """Write the page; `before` is what it was."""
    records = [record for _, record in (*found, *updated) if record]
    variants, _, chains = before.partition(OF_UPDATES)
    return HEAD + rows(found, variants) + UPDATES + rows(updated, chains) + versions(records)


def updates() -> Found:
    """Give for each variant how it followed the releases, those and the versions of now."""
    ask_the_index()
    with tempfile.TemporaryDirectory() as folder:
        source = all_and_synthetic(Path(folder) / "template")
        return [
            (variant, proof.read(chain.name_of(variant), chain.fingerprint(source, way, True)))
            for variant, way in chain.chained(is_proof=True)
        ]


def results() -> Found:
    """Give for each variant its result on the tree and the versions of now."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        source = snapshot(Path(folder) / "template")
        inputs = memo.inputs_of(source)
        for variant in array(STRENGTH):
            place = Path(folder) / str(variant)
            tree = memo.recall(variant, inputs, place)
            if tree is None:
                render_variant(variant.data(), place, source)
                lock(place)
                tree = fingerprint(place)
            found.append((variant, proof.read(variant, tree)))
    return found


def main() -> None:
    """Write the page; a shard leaves variants open, so that is said and no error."""
    found, updated = results(), updates()
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(found, updated, before), encoding="utf-8")
    bad = [
        str(each)
        for each, record in (*found, *updated)
        if record is None or record.verdict != "passed"
    ]
    if bad:
        print(f"not proven: {', '.join(bad)}", file=sys.stderr)


if __name__ == "__main__":
    main()
