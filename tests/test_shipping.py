"""What a service is shipped with is clean under tools that others wrote, in every variant.

No container engine is needed; tests/test_image.py runs what the Dockerfile would run.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.harness import env_example, shipped
from tests.harness.shipped import Shipped
from tests.harness.variants import array, render_in_series

NAMED = {"project_name": "Harbour Desk"}
EVERYTHING = NAMED | {
    **{"tasks": "celery", "database": "postgres"},
    **{"telemetry": True, "devcontainer": True},
}
TOOLS = {
    "hadolint": shipped.refused_by_hadolint,
    "checkov": shipped.refused_by_checkov,
    "yamllint": shipped.refused_by_yamllint,
    "schemas": shipped.refused_by_schemas,
    "pre-commit": shipped.refused_by_pre_commit,
    "zizmor": shipped.refused_by_zizmor_in_all,
    "actionlint": shipped.refused_by_actionlint_in_all,
    "grafana": shipped.refused_by_grafana,
    "promtool": shipped.refused_by_promtool,
}
INJECTED = "run: echo ${{ github.event.issue.title }}"
# What is broken on purpose: (the tool, the file, what is there, what is put there, what is said).
BROKEN = [
    ("hadolint", "Dockerfile", 'ENTRYPOINT ["app"]', "ENTRYPOINT app", "DL3025"),
    ("hadolint", "Dockerfile", "python:3.13-slim-trixie", "python:latest", "DL3007"),
    ("checkov", "Dockerfile", "USER 10001:10001\n", "", "CKV_DOCKER_3"),
    ("checkov", "Dockerfile", "HEALTHCHECK", "# HEALTHCHECK", "CKV_DOCKER_2"),
    ("checkov", ".github/workflows/ci.yml", "run: make lint", INJECTED, "CKV_GHA_2"),
    ("yamllint", "compose.yaml", "name: ", "name:  ", "too many spaces"),
    ("schemas", "compose.yaml", "depends_on", "depends_upon", "depends_upon"),
    ("schemas", ".gitlab-ci.yml", "container:", "image:", "image"),
    ("schemas", "renovate.json", '"7 days"', "7", "7 is not of type"),
    ("schemas", ".github/workflows/ci.yml", "runs-on", "runs-upon", "runs-upon"),
    ("pre-commit", ".pre-commit-config.yaml", "entry: make lint", "", "entry"),
    ("zizmor", ".github/workflows/ci.yml", "run: make lint", INJECTED, "template-injection"),
    ("actionlint", ".github/workflows/ci.yml", "ubuntu-latest", "ubuntu-newest", "runner-label"),
    ("yamllint", "observe/collector.yaml", "receivers: [otlp]", "receivers: [ otlp]", "brackets"),
    ("schemas", "observe/compose.yaml", "healthcheck", "healthchecks", "healthchecks"),
    ("grafana", "observe/dashboards/service.json", '"mode": "multi"', '"mode": "all"', "tooltip"),
    ("grafana", "observe/dashboards/worker.json", '"w": 12,', "", "gridPos"),
    ("grafana", "observe/dashboards/worker.json", "| detected", "| | detected", "no LogQL"),
    ("promtool", "observe/rules/service.yaml", "sum by (job)", "sum for (job)", "parse error"),
    ("promtool", "observe/rules/queue.yaml", "expr: max", "expr: maximum", "unexpected <by>"),
]
MARKS = {
    "actionlint": [pytest.mark.needs("node")],
    "grafana": [pytest.mark.needs("node")],
    "promtool": [pytest.mark.needs("prometheus")],
}


def per_tool(*tools: str) -> list[object]:
    return [pytest.param(tool, marks=MARKS.get(tool, ()), id=tool) for tool in tools]


@pytest.fixture(scope="module")
def all_shipped(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Shipped:
    """What each row of the covering array is shipped with: pairs, in a proof triples."""
    home = tmp_path_factory.mktemp("rows")
    rows = array(3 if request.config.getoption("proof") else 2)
    trees = [render_in_series(NAMED | each.data(), home / str(each), template) for each in rows]
    found = Shipped(trees, tmp_path_factory.mktemp("shipped"))
    for tree in trees:
        shutil.rmtree(tree)
    return found


@pytest.fixture(scope="module")
def trees(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A service with everything, for GitHub and for GitLab; nobody changes them."""
    home = tmp_path_factory.mktemp("trees")
    proxies = {"github": "nginx", "gitlab": "traefik"}
    return {
        ci: render_in_series(EVERYTHING | {"ci": ci, "proxy": proxy}, home / ci, template)
        for ci, proxy in proxies.items()
    }


@pytest.mark.parametrize("tool", per_tool(*TOOLS))
def test_no_variant_is_refused(tool: str, all_shipped: Shipped) -> None:
    assert TOOLS[tool](all_shipped) == ""


@pytest.mark.parametrize("tool", per_tool(*TOOLS))
def test_each_tool_can_refuse(tool: str, trees: dict[str, Path], tmp_path: Path) -> None:
    """Each kind of file that it reads: one that it does not understand, a tool may pass over."""
    copies = [shutil.copytree(tree, tmp_path / name) for name, tree in trees.items()]
    broken = [each[1:] for each in BROKEN if each[0] == tool]
    for file, old, new, _ in broken:
        for path in (copy / file for copy in copies if (copy / file).exists()):
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
    refused = TOOLS[tool](Shipped(copies, tmp_path / "shipped"))
    assert [said for *_, said in broken if said not in refused] == [], refused
    assert broken


def test_a_kind_of_file_that_is_nowhere_is_not_clean(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no tree has Dockerfile"):
        shipped.refused_by_hadolint(Shipped([], tmp_path))


def test_what_is_the_same_is_looked_at_once(trees: dict[str, Path], tmp_path: Path) -> None:
    found = Shipped([*trees.values(), *trees.values()], tmp_path)
    assert {kind: len(folders) for kind, folders in found.folders.items()} == {
        **dict.fromkeys(shipped.KINDS, 1),
        "compose": 2,  # of production: behind nginx, and behind Traefik
        "renovate": 2,  # only GitHub has actions
    }


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_jobs_call_the_makefile(ci: str, trees: dict[str, Path]) -> None:
    said = [line for lines in shipped.jobs(trees[ci]).values() for line in lines]
    assert said
    makefile = (trees[ci] / "Makefile").read_text(encoding="utf-8")
    for command in said:
        assert re.search(rf"^{command.removeprefix('make ')}: ", makefile, re.MULTILINE), command


def test_both_pipelines_check_the_same(trees: dict[str, Path]) -> None:
    github, gitlab = (
        {name: lines for name, lines in shipped.jobs(tree).items() if name != "all-green"}
        for tree in trees.values()
    )
    gitlab.pop("release")  # a workflow of its own on GitHub
    assert github == gitlab


def test_the_page_names_each_job(trees: dict[str, Path]) -> None:
    for tree in trees.values():
        page = (tree / "docs/ci.md").read_text(encoding="utf-8")
        told = set(re.findall(r"^\| ([a-z]+) \| ", page, re.MULTILINE)) - {"job"}
        assert told == shipped.jobs(tree).keys() - {"release", "all-green"}


@pytest.mark.parametrize("name", ["compose.yaml", "compose.production.yaml"])
def test_what_containers_are_told_is_a_setting(name: str, trees: dict[str, Path]) -> None:
    for tree in trees.values():
        settings = env_example.keys(tree)
        compose = yaml.safe_load((tree / name).read_text(encoding="utf-8"))
        for service in ("service", "worker", "migrate"):
            told = compose["services"][service]
            secrets = {secret.upper() for secret in told.get("secrets", [])}
            assert told["environment"].keys() | secrets <= settings
        assert compose.get("secrets", {}).keys() >= set(told.get("secrets", []))


@pytest.mark.parametrize("name", ["compose.yaml", "compose.production.yaml"])
def test_containers_of_the_service_can_do_little(name: str, trees: dict[str, Path]) -> None:
    for tree in trees.values():
        services = yaml.safe_load((tree / name).read_text(encoding="utf-8"))["services"]
        for service in ("service", "worker", "migrate"):
            told = services[service]
            assert told["read_only"] is True
            assert told["cap_drop"] == ["ALL"]
            assert told["security_opt"] == ["no-new-privileges:true"]
        published = [port for each in services.values() for port in each.get("ports", [])]
        if name == "compose.yaml":
            assert all(port.startswith("127.0.0.1:") for port in published)
        else:
            assert services.keys() == {"service", "worker", "migrate", "proxy"}
            plain = "80:8080" if "nginx" in services["proxy"]["image"] else "80:8000"
            assert published == services["proxy"]["ports"] == [plain, "443:8443"]


def test_the_proxy_meets_nobody_but_the_service(trees: dict[str, Path]) -> None:
    """On one network, whose addresses are believed: on another it would be a stranger."""
    for tree in trees.values():
        text = (tree / "compose.production.yaml").read_text(encoding="utf-8")
        told = yaml.safe_load(text)
        own = {name: set(each["networks"]) for name, each in told["services"].items()}
        proxy = own.pop("proxy")
        assert {name: proxy & others for name, others in own.items()} == {
            "service": {"inside"},
            "worker": set(),
            "migrate": set(),
        }
        (believed,) = told["networks"]["inside"]["ipam"]["config"]
        settings = told["services"]["service"]["environment"]
        assert settings["TRUSTED_PROXIES"] == believed["subnet"]


def test_traefik_listens_where_its_own_check_is_not(trees: dict[str, Path]) -> None:
    text = (trees["gitlab"] / "compose.production.yaml").read_text(encoding="utf-8")
    proxy = yaml.safe_load(text)["services"]["proxy"]
    ports = re.findall(r"entrypoints\.\w+\.address=:(\d+)", " ".join(proxy["command"]))
    assert ports == [port.split(":")[1] for port in proxy["ports"]]
    assert "8080" not in ports  # what --ping takes, without an entry point of its own


def test_what_others_wait_for_can_be_waited_for(trees: dict[str, Path]) -> None:
    """A service that is waited for to be healthy has a check, its own or that of the image."""
    tree = trees["github"]
    for name in ("compose.yaml", "compose.production.yaml", ".devcontainer/compose.yaml"):
        services = yaml.safe_load((tree / name).read_text(encoding="utf-8"))["services"]
        for service in services.values():
            for other, how in service.get("depends_on", {}).items():
                if how["condition"] == "service_healthy":
                    assert "test" in services[other].get("healthcheck", {}) or other == "service"
                else:
                    assert services[other]["command"] == ["db", "upgrade"]


def test_each_tool_reads_what_there_is(all_shipped: Shipped) -> None:
    """No kind of file is missing from the covering array."""
    assert all(all_shipped.folders.values()), all_shipped.folders
