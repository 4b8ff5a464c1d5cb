"""What Grafana's own types say of dashboards, and its parser of LogQL of what they ask Loki for."""

from collections.abc import Sequence
from pathlib import Path

from tests.harness.environments import pinned
from tests.harness.npm import installed
from tests.harness.process import program, run, said

PINS = Path(__file__).parent / "grafana"
JSON_SCHEMA = Path(__file__).parent / "shipping"


def schema(folder: Path) -> Path:
    """Write the types of `grafana/dashboard.ts` as a JSON Schema, to hold JSON against."""
    place, file = installed(PINS), folder / "dashboard.schema.json"
    generator = program("ts-json-schema-generator", str(place / "node_modules" / ".bin"))
    wanted = ["--path", "dashboard.ts", "--type", "Checked", "--no-type-check", "--out", str(file)]
    run([generator, *wanted], cwd=place, env={})
    return file


def refused(dashboards: Sequence[str], folder: Path, schema: Path) -> str:
    """Hold dashboards against the types; empty: all is well."""
    checker = str(pinned(JSON_SCHEMA) / "bin" / "check-jsonschema")
    return said([checker, "--schemafile", str(schema), *dashboards], folder)


def no_logql(queries: Sequence[str]) -> str:
    """Name the queries that Grafana's parser of LogQL refuses."""
    place = installed(PINS)
    return said([program("node"), str(place / "logql.mjs"), *queries], place)
