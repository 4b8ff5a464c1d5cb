"""Clients that are generated from the OpenAPI document of a service, as those who call it would.

The generators have environments of their own: openapi-python-client wants an older Typer than a
service has, and openapi-typescript a TypeScript that is written in JavaScript (5).
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.harness import servers
from tests.harness.environments import environment_for, pinned
from tests.harness.npm import installed
from tests.harness.paths import mypy_cache, uv
from tests.harness.process import environment, program, run, said, serving
from tests.harness.servers.private import free_port
from tests.harness.service import wait_for

PINS = Path(__file__).parent / "generators"
COMMAND = "from app.cli.main import main; main()"


@dataclass(frozen=True)
class Runnable:
    """A rendered service that runs in the environment of all services with its requirements.

    It asks for the version that it has, so its metadata are installed, into a folder of its own.
    """

    tree: Path
    python: Path
    metadata: Path

    def command(self, *arguments: str) -> list[str]:
        return [str(self.python), "-c", COMMAND, *arguments]

    def env(self, extra: Mapping[str, str]) -> dict[str, str]:
        return environment({"PYTHONPATH": str(self.metadata), "ENVIRONMENT": "test"} | dict(extra))

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve it on an SQLite database of its own, and give the address."""
        home = self.tree.with_name(f"{self.tree.name}-data")
        home.mkdir()
        with servers.sqlite_database(home) as url:
            env = self.env({"DATABASE_URL": url, "SECRET_KEY": "for tests, and nothing but tests"})
            run(self.command("db", "upgrade"), cwd=self.tree, env=env)
            port = free_port()
            address, log = f"http://127.0.0.1:{port}", home / "server.log"
            serve = self.command("serve", "--port", str(port))
            with serving(serve, cwd=self.tree, env=env, log=log) as server:
                wait_for(address, server)
                yield address


def runnable(tree: Path) -> Runnable:
    """Make a rendered service ready to run."""
    place, metadata = environment_for(tree), tree.with_name(f"{tree.name}-metadata")
    install = [uv(), "pip", "install", "--quiet", "--no-deps", "--target", str(metadata), "."]
    run(install, cwd=tree, env=environment({}))
    return Runnable(tree, place / "bin" / "python", metadata)


def document(service: Runnable) -> Path:
    """Write the OpenAPI document of a service beside it."""
    path = service.tree.with_suffix(".json")
    printed = run(service.command("openapi"), cwd=service.tree, env=service.env({}))
    path.write_text(printed, encoding="utf-8")
    return path


def generators() -> Path:
    """Give the environment of the generator for Python and of the validator, made once."""
    return pinned(PINS)


def invalid(document: Path) -> str:
    """Give what is wrong with a document by the specification; empty: nothing."""
    return said(
        [str(generators() / "bin" / "openapi-spec-validator"), document.name], document.parent
    )


def python_client(document: Path, folder: Path) -> str:
    """Generate the package `client` in a folder; give what the generator refuses or warns of."""
    # It formats what it wrote with the ruff that is installed beside it, and finds it on PATH.
    scripts = generators() / "bin"
    command = [program("env"), f"PATH={scripts}", str(scripts / "openapi-python-client")]
    command += ["generate", "--path", str(document), "--output-path", str(folder / "client")]
    return said([*command, "--meta", "none", "--fail-on-warning"], folder)


def badly_typed(folder: Path) -> str:
    """Ask mypy about the generated package `client` and the module `usage.py` beside it.

    `client/client.py` is passed over: it is the same for every document, and mypy 2 refuses it.
    """
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
    command += ["--python-executable", str(generators() / "bin" / "python")]
    command += ["--cache-dir", str(mypy_cache() / "clients")]
    return said([*command, "client/api", "client/models", "usage.py"], folder)


def typescript_client(document: Path, folder: Path) -> str:
    """Generate `api.ts` in a folder; give what the generator refuses."""
    return said([node("openapi-typescript"), str(document), "--output", "api.ts"], folder)


def badly_typed_typescript(folder: Path) -> str:
    """Ask the compiler about `usage.ts` in a folder, and so about `api.ts`."""
    return said([node("tsc"), "--strict", "--noEmit", "--pretty", "false", "usage.ts"], folder)


def node(name: str) -> str:
    return program(name, str(installed(PINS) / "node_modules" / ".bin"))
