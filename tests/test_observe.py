"""What looks at a service in development: dashboards, alerts, and the servers that feed them.

No container runs here. What the service emits is taken from services that run, the rules by the
Prometheus of this machine; tests/test_shipping.py has tools of others look at every variant.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import alerts, observed, prometheus
from tests.harness.alerts import Case
from tests.harness.bench import eventually
from tests.harness.emitting import emitting
from tests.harness.variants import Variant, backend_variants, render_in_series

ANSWERS = {"project_name": "Harbour Desk", "telemetry": True}
ON_RABBITMQ = {"tasks": "celery", "celery_broker": "rabbitmq"}
CASES = [
    *(("redis", case) for case in (*alerts.OF_SERVICE, *alerts.OF_QUEUE)),
    *(("rabbitmq", case) for case in alerts.ON_RABBITMQ),
]


@pytest.fixture(scope="module")
def trees(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A service whose broker knows how old a job is, and one whose broker does not."""
    home = tmp_path_factory.mktemp("observed")
    return {
        "redis": render_in_series(ANSWERS | {"tasks": "arq"}, home / "redis", template),
        "rabbitmq": render_in_series(ANSWERS | ON_RABBITMQ, home / "rabbitmq", template),
    }


@pytest.fixture(params=["redis", "rabbitmq"])
def tree(request: pytest.FixtureRequest, trees: dict[str, Path]) -> Path:
    return trees[request.param]


def read(tree: Path, name: str) -> Any:
    return yaml.safe_load((tree / observed.FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.needs("prometheus")
@pytest.mark.parametrize("fires", [True, False])
@pytest.mark.parametrize(
    ("backend", "case"), CASES, ids=[f"{case.alert}-{backend}" for backend, case in CASES]
)
def test_an_alert_fires_where_it_has_to(
    backend: str, case: Case, fires: bool, trees: dict[str, Path]
) -> None:
    assert alerts.mistaken(trees[backend], case, fires=fires) == ""


def test_each_alert_is_tried_and_says_what_to_do(trees: dict[str, Path]) -> None:
    of_service = {case.alert for case in alerts.OF_SERVICE}
    for backend, tree in trees.items():
        page = (tree / "docs/observability.md").read_text(encoding="utf-8")
        told = set(re.findall(r"^\| `(\w+)` \| for \d+ minutes, ", page, re.MULTILINE))
        found = {rule["alert"]: rule for _, rule in observed.rules(tree) if "alert" in rule}
        assert found.keys() == told
        tried = {case.alert for name, case in CASES if name == backend}
        assert found.keys() == tried | of_service
        for rule in found.values():
            assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
            assert rule["labels"].keys() == {"severity"}  # type: ignore[attr-defined]
            assert rule["annotations"].keys() == {"summary"}  # type: ignore[attr-defined]


def test_panels_lie_beside_each_other(tree: Path) -> None:
    boards = [json.loads(file.read_text(encoding="utf-8")) for file in observed.dashboards(tree)]
    assert [board["uid"] for board in boards] == ["service", "worker"]
    for board in boards:
        assert observed.overlapping(board["panels"]) == []
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([(0, 0, 12, 8), (12, 0, 12, 8), (0, 8, 24, 1)], []),
        ([(0, 0, 12, 8), (11, 7, 12, 8)], ["1"]),
        ([(13, 0, 12, 8)], ["0"]),
    ],
)
def test_what_overlaps(places: list[tuple[int, ...]], found: list[str]) -> None:
    panels: list[Mapping[str, Any]] = [
        {"title": number, "gridPos": dict(zip("xywh", place, strict=True))}
        for number, place in enumerate(places)
    ]
    assert observed.overlapping(panels) == found


def test_latencies_lead_to_traces_and_traces_to_lines(tree: Path) -> None:
    sources = {
        each["uid"]: each["jsonData"]
        for each in read(tree, "grafana/datasources.yaml")["datasources"]
    }
    (exemplar,) = sources["prometheus"]["exemplarTraceIdDestinations"]
    assert (
        exemplar["datasourceUid"] == sources["loki"]["derivedFields"][0]["datasourceUid"] == "tempo"
    )
    assert sources["tempo"]["tracesToLogsV2"]["datasourceUid"] == "loki"
    for file in observed.dashboards(tree):
        board = json.loads(file.read_text(encoding="utf-8"))
        used = {panel["datasource"]["uid"] for panel in board["panels"]}
        assert used == {"${datasource}", "loki"}
        lines = [panel for panel in board["panels"] if panel["type"] == "timeseries"]
        targets = [target for panel in lines for target in panel["targets"]]
        latencies = [each for each in targets if "histogram_quantile(0.9" in each["expr"]]
        assert latencies
        assert all(each["exemplar"] for each in latencies)


def test_what_is_named_is_there(tree: Path) -> None:
    """Files that containers are given, and servers that one tells another of."""
    services = read(tree, "compose.yaml")["services"]
    mounted = {
        target: tree / observed.FOLDER / source
        for each in services.values()
        for source, target, _ in (volume.split(":") for volume in each["volumes"])
    }
    assert all(path.exists() for path in mounted.values()), mounted
    for each in services.values():
        assert each["profiles"] == ["observe"]
        assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+\.\d+", each["image"]), each["image"]
        (config,) = [
            argument.partition("=")[2]
            for argument in each.get("command", [])
            if "config" in argument.partition("=")[0]
        ] or [""]
        assert config in mounted or not config
    text = "".join(
        file.read_text(encoding="utf-8") for file in (tree / observed.FOLDER).rglob("*.yaml")
    )
    named = set(re.findall(r"http://([a-z]+):(\d+)", text)) - {("127", "3000")}
    assert named == {("prometheus", "9090"), ("tempo", "4318"), ("tempo", "3200"), ("loki", "3100")}
    app = yaml.safe_load((tree / "compose.yaml").read_text(encoding="utf-8"))
    endpoint = app["services"]["service"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert endpoint == "http://collector:4318"
    assert app["include"] == ["observe/compose.yaml"]
    listening = read(tree, "collector.yaml")["receivers"]["otlp"]["protocols"]["http"]
    assert listening == {"endpoint": "0.0.0.0:4318"}
    assert services["collector"]["ports"][0].endswith(":4318")


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("sum by (a) (rate(x{b='c'}[5m])) / on (d) y", {"x": {"a", "b"}, "y": set()}),
        ("histogram_quantile(0.9, sum by (le) (x_bucket))", {"x_bucket": {"le"}}),
        ("x and on () (x{a='b'} or y unless z{c!=''})", {"x": {"a"}, "y": set(), "z": {"c"}}),
    ],
)
def test_what_a_query_asks_for(text: str, series: dict[str, set[str]]) -> None:
    assert observed.asked([text]) == series


def test_what_is_asked_for_is_emitted_and_what_is_emitted_is_shown(
    backend_variant: Variant, template: Path, tmp_path: Path
) -> None:
    with emitting(backend_variant, template, tmp_path) as service:
        emitted = service.emitted()
    tree = tmp_path / "service"
    assert observed.wrong(tree, emitted) == []
    assert observed.unseen(tree, emitted) == []


@pytest.mark.needs("prometheus")
def test_prometheus_finds_what_each_query_asks_for(template: Path, tmp_path: Path) -> None:
    """It reads the rules as they are, and makes the series that they record."""
    variant = next(each for each in backend_variants() if each["tasks"] == "arq")
    with emitting(variant, template, tmp_path) as service:
        targets = {"parity": [each.removeprefix("http://") for each in service.endpoints()]}
        config = prometheus.adapted(tmp_path / "service" / observed.FOLDER, tmp_path, targets)
        queries = {
            query.text
            for query in observed.queries(tmp_path / "service")
            # Those of alerts find something where something is wrong.
            if query.language == "promql" and ".json" in query.place
        }
        with prometheus.watching(config) as watching:
            eventually(watching.is_ready, "Prometheus is ready")
            found: set[str] = set()

            def every_query_finds_something() -> bool:
                service.load()
                found.update(query for query in queries - found if watching.values(query))
                return found == queries

            try:
                eventually(every_query_finds_something, "every query finds something", every=1)
            finally:
                assert queries - found == set()
            groups = watching.ask("rules")["groups"]
    health = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
    assert health.keys() == {"ErrorRate", "SlowRequests", "QueueAge", "queue:age_seconds:max"}
    assert set(health.values()) == {"ok"}
