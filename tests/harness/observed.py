"""What dashboards and rules of a service ask for, read with a parser of PromQL."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import promql_parser as promql
import yaml

FOLDER = "observe"
# What Grafana puts in: anything, and a time that is long enough.
VARIABLES = {"$__rate_interval": "5m", '"$job"': '".*"', '"$route"': '".*"', '"$task"': '".*"'}
LABEL_VALUES = re.compile(r"label_values\((?P<series>.+), (?P<label>\w+)\)")
# Labels that no service writes: those of who asked for the metrics, or took them.
FOREIGN = {"job", "instance"}
# Parts of a histogram and of a counter, after its name.
PART = re.compile(r"_(bucket|sum|count|total|created)$")
Labels = Mapping[str, set[str]]


@dataclass(frozen=True)
class Query:
    """What something asks for, in PromQL or in LogQL."""

    place: str
    text: str
    language: str = "promql"


def dashboards(tree: Path) -> list[Path]:
    return sorted((tree / FOLDER / "dashboards").glob("*.json"))


def rules(tree: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give each rule of a service, and where it stands."""
    for file in sorted((tree / FOLDER / "rules").glob("*.yaml")):
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                yield f"{file.name}: {rule.get('alert') or rule['record']}", rule


def queries(tree: Path) -> list[Query]:
    """Give all that the dashboards and the rules of a service ask for."""
    found = [Query(place, rule["expr"]) for place, rule in rules(tree)]
    for file in dashboards(tree):
        board = json.loads(file.read_text(encoding="utf-8"))
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                asked = LABEL_VALUES.fullmatch(variable["query"])
                assert asked, variable["query"]
                text = f"count by ({asked['label']}) ({asked['series']})"
                found.append(Query(f"{file.name}: ${variable['name']}", filled(text)))
        for panel in board["panels"]:
            language = {"prometheus": "promql", "loki": "logql"}[panel["datasource"]["type"]]
            found += [
                Query(f"{file.name}: {panel['title']}", filled(target["expr"]), language)
                for target in panel["targets"]
            ]
    return found


def filled(text: str) -> str:
    """Put into a query what Grafana would."""
    for name, value in VARIABLES.items():
        text = text.replace(name, value)
    return text


def asked(texts: Iterable[str]) -> Labels:
    """Give the series that are asked for, each with the labels that are chosen or grouped by.

    Raises:
        ValueError: for what is no PromQL.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)

    def choose(part: promql.Expr) -> None:
        if isinstance(part, promql.VectorSelector):
            assert part.name, part.prettify()
            found[part.name] |= {each.name for each in part.matchers.matchers}
        elif isinstance(part, promql.AggregateExpr) and part.modifier:
            for series in asked([part.expr.prettify()]):
                found[series] |= set(part.modifier.labels)

    for text in texts:
        promql.walk(promql.parse(text), choose)
    return found


def recorded(tree: Path) -> dict[str, set[str]]:
    """Give the series that rules make, each with the labels that it may have."""
    found = {}
    for _, rule in rules(tree):
        if "record" in rule:
            found[rule["record"]] = set().union(*asked([rule["expr"]]).values())
    return found


def wrong(tree: Path, emitted: Labels) -> list[str]:
    """Say which query asks for a series, or a label, that there is not."""
    there = {**emitted, **recorded(tree)}
    found = []
    for query in queries(tree):
        if query.language != "promql":
            continue
        for series, labels in asked([query.text]).items():
            if series not in there:
                found.append(f"{query.place}: nothing is called {series}")
            elif missing := labels - there[series] - FOREIGN:
                found.append(f"{query.place}: {series} has no {', '.join(sorted(missing))}")
    return found


def unseen(tree: Path, emitted: Labels) -> list[str]:
    """Name the metrics that stand on no dashboard, neither themselves nor by a rule."""
    texts = [query.text for query in queries(tree) if query.language == "promql"]
    shown = {PART.sub("", series) for series in asked(texts)}
    return sorted({PART.sub("", series) for series in emitted} - shown)


def overlapping(panels: Sequence[Mapping[str, Mapping[str, int]]]) -> list[str]:
    """Name the panels of a dashboard that lie over others, or beside its 24 columns."""
    taken: dict[tuple[int, int], str] = {}
    found = []
    for panel in panels:
        place, title = panel["gridPos"], str(panel["title"])
        across = range(place["x"], place["x"] + place["w"])
        cells = [(x, y) for x in across for y in range(place["y"], place["y"] + place["h"])]
        if across.stop > 24 or any(cell in taken for cell in cells):
            found.append(title)
        taken |= dict.fromkeys(cells, title)
    return found
