"""Contracts prove the architecture of a service; here each is broken once, to see it fail."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.harness.process import attempt, environment
from tests.harness.variants import render

LAYERS = "Within a feature, only what is above uses what is below"
HTTP = "The router speaks HTTP: it asks no query"
DECIDES = "The service decides, the repository queries: neither knows HTTP"
ASKS = "The service asks the repository: it writes no query"
CORE = "What every feature stands on knows no feature"
OTHERS = "Other features ask items through its service, never its repository"

# A feature's module, or the name of another one.
Module = tuple[str, str] | str

# (contract, module that breaks it, what it imports)
BREACHES: list[tuple[str, Module, Module]] = [
    (LAYERS, ("items", "repository"), ("items", "service")),
    (LAYERS, ("items", "service"), ("items", "router")),
    (HTTP, ("items", "router"), ("items", "repository")),
    (HTTP, ("users", "router"), "sqlalchemy"),
    (HTTP, ("users", "router"), "sqlmodel"),
    (DECIDES, ("users", "service"), "fastapi"),
    (DECIDES, ("items", "repository"), "starlette.requests"),
    (ASKS, ("users", "service"), "sqlalchemy"),
    (ASKS, ("items", "service"), "sqlmodel.ext.asyncio.session"),
    (CORE, "app.core.clock", ("items", "schemas")),
    (OTHERS, ("users", "service"), ("items", "repository")),
    (OTHERS, ("auth", "dependencies"), ("items", "repository")),
    (OTHERS, ("credentials", "tasks"), ("items", "repository")),
]
PACKAGES = {
    "router": "routers",
    "schemas": "schemas",
    "service": "services",
    "repository": "repositories",
    "dependencies": "dependencies",
    "tasks": "tasks",
}


def module(name: Module, layout: str) -> str:
    if isinstance(name, str):
        return name
    feature, role = name
    return f"app.{feature}.{role}" if layout == "domain" else f"app.{PACKAGES[role]}.{feature}"


def add(service: Path, name: str, text: str) -> None:
    """Write a module, in a package where the layout has none for it yet."""
    path = service / (name.replace(".", "/") + ".py")
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(text, encoding="utf-8")


def broken_contracts(service: Path) -> set[str]:
    """Run the linter as the service does, and name the contracts that are not kept."""
    lint_imports = Path(sys.executable).parent / "lint-imports"
    finished = attempt([str(lint_imports), "--no-cache"], cwd=service, env=environment({}))
    verdicts = [line.strip() for line in finished.output.splitlines()]
    assert any(" KEPT" in line or line.endswith(" BROKEN") for line in verdicts), finished.output
    broken = {line.removesuffix(" BROKEN") for line in verdicts if line.endswith(" BROKEN")}
    broken |= {line.split(" BROKEN (")[0] for line in verdicts if " BROKEN (" in line}
    assert (finished.code != 0) is bool(broken), finished.output
    return broken


@pytest.mark.parametrize("layout", ["domain", "layered"])
def test_each_contract_is_kept_until_it_is_broken(
    layout: str, template: Path, tmp_path: Path
) -> None:
    service = render({"layout": layout}, tmp_path / "service", template)
    assert broken_contracts(service) == set()
    for contract, importer, imported in BREACHES:
        path = service / (module(importer, layout).replace(".", "/") + ".py")
        untouched = path.read_text(encoding="utf-8")
        path.write_text(f"import {module(imported, layout)}\n{untouched}", encoding="utf-8")
        assert contract in broken_contracts(service), f"{importer} may import {imported}"
        path.write_text(untouched, encoding="utf-8")


@pytest.mark.parametrize("layout", ["domain", "layered"])
def test_a_feature_added_as_agents_md_says_is_kept_to_itself(
    layout: str, template: Path, tmp_path: Path
) -> None:
    """In a service without features there is no contract to copy: the page has to be enough."""
    answers = {"layout": layout, "auth": "none", "example": False}
    service = render(answers, tmp_path / "service", template)
    page = (service / "AGENTS.md").read_text(encoding="utf-8")
    contract = dedent(page.split("```toml\n")[1].split("```")[0])
    with (service / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(f"\n{contract}")

    asks = f"import {module(('orders', 'repository'), layout)}\n"
    add(service, module(("orders", "repository"), layout), "")
    for role in ("service", "tasks"):
        add(service, module(("orders", role), layout), asks)
    assert broken_contracts(service) == set()

    for role in ("service", "tasks", "dependencies"):
        add(service, module(("bills", role), layout), asks)
        assert broken_contracts(service) == {OTHERS.replace("items", "orders")}
        add(service, module(("bills", role), layout), "")
