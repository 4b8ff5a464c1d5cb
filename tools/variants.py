"""How many variants there are, and how they grow with the interview, for the documentation."""

import shutil
import tempfile
from pathlib import Path

import yaml

from drydock.rendering import loaded
from drydock.source import Source
from drydock.variants.covering import covering_array, size
from drydock.variants.interview import Interview

ROOT = Path(__file__).resolve().parents[1]
MORE = (0, 5, 10)  # questions of yes and no


def grown(folder: Path, more: int) -> Path:
    """Make a copy of the interview with so many more questions of yes and no."""
    copy = folder / f"more_{more}"
    copy.mkdir()
    shutil.copytree(ROOT / "extensions", copy / "extensions")
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    extra = {f"feature_{number}": {"type": "bool", "default": False} for number in range(more)}
    appended = yaml.safe_dump(extra) if extra else ""
    (copy / "copier.yml").write_text(f"{text}\n{appended}", encoding="utf-8")
    return copy


def growth() -> str:
    """Write a row for each number of questions."""
    table = (
        "| questions with choices | whole product "
        "| pairs: `drydock variants` | triples: `make proof` |\n"
        "| --- | --- | --- | --- |\n"
    )
    whole = 0
    for more in MORE:
        with tempfile.TemporaryDirectory() as folder:
            source = Source(str(grown(Path(folder), more)), None)
            with loaded(source, Path(folder, "x")) as template:
                interview = Interview(template)
                whole = whole or size(interview)
                # To see how they grow, the first of many arrays is enough: the best takes a minute.
                tries = 1 if more else None
                pairs, triples = (
                    len(covering_array(interview, number, tries)) for number in (2, 3)
                )
                number = len(interview.varied)
        who = f"{number}, {more} more than today" if more else f"{number}, today's"
        table += f"| {who} | {whole * 2**more:,} | {pairs} | {triples} |\n"
    return table
