"""How a service is shipped: the servers that containers and pipelines put beside it.

A server stands here once. Compose, GitHub and GitLab are told of it, each in its own words, so no
template combines answers.
"""

from collections.abc import Iterable, MutableMapping
from functools import cache
from textwrap import indent
from typing import Any, NamedTuple

from copier_template_extensions import ContextHook


class Server(NamedTuple):
    """A server beside a service, as a container."""

    name: str
    image: str
    variable: str  # the setting that has its address
    address: str  # with {host} and {database} in it
    port: int
    ready: str  # a command in it that ends with 0 once it answers
    environment: tuple[str, ...] = ()  # lines of it, with {database} in them
    data: str = ""  # the folder that outlives it
    page: int = 0  # the port of its page for people


POSTGRES = Server(
    *("database", "postgres:18", "DATABASE_URL", "postgresql://postgres@{host}:5432/{database}"),
    # Over TCP: while it prepares its data, it listens on a socket only.
    *(5432, "pg_isready --host 127.0.0.1 --username postgres"),
    # Nobody needs a password where nobody else gets in.
    environment=('POSTGRES_DB: "{database}"', "POSTGRES_HOST_AUTH_METHOD: trust"),
    data="/var/lib/postgresql",
)
REDIS = Server(
    *("broker", "redis:8", "BROKER_URL", "redis://{host}:6379/0", 6379, "redis-cli ping"),
    data="/data",
)
RABBITMQ = Server(
    *("broker", "rabbitmq:4", "BROKER_URL", "amqp://{host}:5672/%2F", 5672),
    "rabbitmq-diagnostics --quiet check_port_connectivity",
)
# Takes every mail, sends none, and shows them.
MAILPIT = Server(
    *("mail", "axllent/mailpit:v1.31", "SMTP_URL", "smtp://{host}:1025", 1025, "/mailpit readyz"),
    page=8025,
)

# Who looks on in development, and what the service is told of them: where they take what it sends,
# and to send numbers every 15 s.
OBSERVERS = "\ninclude: [observe/compose.yaml]\n"
OBSERVED = """\
    OTEL_EXPORTER_OTLP_ENDPOINT: http://collector:4318
    OTEL_LOGS_EXPORTER: otlp
    OTEL_METRIC_EXPORT_INTERVAL: "15000"
"""


def listed(head: str, parts: Iterable[str]) -> str:
    """Write a head over parts, and nothing where they are empty."""
    text = "".join(parts)
    return head + text if text else ""


def environment(server: Server, key: str, database: str) -> str:
    """Write what a server is told, below the key that it has there."""
    return listed(
        f"{key}:\n", (f"  {line.format(database=database)}\n" for line in server.environment)
    )


def in_compose(server: Server, database: str) -> str:
    """Write a server as Compose takes it."""
    volume = f"volumes: [{server.name}:{server.data}]\n" if server.data else ""
    page = f'ports: ["127.0.0.1:{server.page}:{server.page}"]\n' if server.page else ""
    return f"\n  {server.name}:\n" + indent(
        f"image: {server.image}\n{environment(server, 'environment', database)}{volume}{page}"
        f"healthcheck:\n  test: [{', '.join(['CMD', *server.ready.split()])}]\n"
        "  interval: 5s\n  timeout: 5s\n  retries: 12\n",
        " " * 4,
    )


def on_github(server: Server, database: str) -> str:
    """Write a server as a job of GitHub takes it."""
    return f"      {server.name}:\n" + indent(
        f"image: {server.image}\n{environment(server, 'env', database)}"
        f'ports: ["{server.port}:{server.port}"]\n'
        f'options: >-\n  --health-cmd "{server.ready}"\n'
        "  --health-interval 5s --health-timeout 5s --health-retries 12\n",
        " " * 8,
    )


def on_gitlab(server: Server, database: str) -> str:
    """Write a server as a job of GitLab takes it."""
    variables = indent(environment(server, "variables", database), " " * 6)
    return f"    - name: {server.image}\n      alias: {server.name}\n{variables}"


def addresses(servers: Iterable[Server], database: str, width: int, host: str = "") -> str:
    """Write where servers are, a line for each setting: on a host, or each at its own name."""
    lines = (
        f"{each.variable}: {each.address.format(host=host or each.name, database=database)}\n"
        for each in servers
    )
    return indent("".join(lines), " " * width)


def waits_for(servers: Iterable[Server]) -> str:
    """Write that a container of Compose begins once these servers answer."""
    lines = (f"      {each.name}: {{ condition: service_healthy }}\n" for each in servers)
    return "".join(lines)


def secrets(names: Iterable[str]) -> str:
    """Write which secrets a container of Compose gets; none is not a list."""
    text = ", ".join(names)
    return f"  secrets: [{text}]\n" if text else ""


def files(names: Iterable[str], volumes: Iterable[str]) -> str:
    """Write where Compose finds secrets, and which volumes there are; an empty part is none."""
    found = listed("secrets:\n", (f"  {name}: {{ file: ./secrets/{name} }}\n" for name in names))
    kept = listed("volumes:\n", (f"  {name}:\n" for name in volumes))
    return "\n".join(filter(None, [found, kept])).rstrip()


@cache  # Copier asks for each path of each file
def told(
    is_postgres: bool,
    tasks: str,
    broker: str,
    has_auth: bool,
    proxy: str,
    slug: str,
    observed: bool,
) -> dict[str, str]:
    """Write what templates are told of the servers that these answers ask for."""
    database = slug.replace("-", "_")
    databases = [POSTGRES] * is_postgres
    brokers = [RABBITMQ if (tasks, broker) == ("celery", "rabbitmq") else REDIS] * (tasks != "none")
    mails = [MAILPIT] * has_auth
    tested, everything = [*databases, *brokers], [*databases, *brokers, *mails]
    # SQLite is a file, and needs a place as well.
    volumes = list(dict.fromkeys(each.name for each in everything if each.data))
    # Outside development the servers are somebody's own: their addresses are secrets.
    secret = [each.variable.lower() for each in everything] + ["secret_key"] * has_auth
    certificate = ["tls_certificate", "tls_key"] * (proxy == "nginx")
    lasting = ["database"] * (not is_postgres) + ["acme"] * (proxy == "traefik")
    return {
        "production_secrets": secrets(secret),
        "secret_names": ", ".join(f"`{name}`" for name in secret + certificate),
        "production_files": files(secret + certificate, lasting),
        "compose_observers": OBSERVERS * observed,
        "compose_addresses": addresses(everything, database, 4) + OBSERVED * observed,
        "compose_servers": "".join(in_compose(each, database) for each in everything),
        "compose_volumes": "\n".join(
            f"  {name}:" for name in dict.fromkeys(["database", *volumes])
        ),
        "waits_for_servers": waits_for([*brokers, *mails]),
        "waits_for_database": listed("    depends_on:\n", [waits_for(databases)]),
        "github_addresses": addresses(tested, database, 2, "127.0.0.1"),
        "github_servers": listed("    services:\n", (on_github(each, database) for each in tested)),
        "gitlab_addresses": addresses(tested, database, 2),
        "gitlab_servers": listed("  services:\n", (on_gitlab(each, database) for each in tested)),
        "editor_volumes": listed("\nvolumes:\n", (f"  {name}:\n" for name in volumes)),
        "editor_addresses": listed("    environment:\n", [addresses(everything, database, 6)]),
        "editor_waits_for": listed("    depends_on:\n", [waits_for(everything)]),
    }


class Delivery(ContextHook):
    """Gives templates the servers of a service, in the words of each who starts them."""

    def hook(self, context: MutableMapping[str, Any]) -> None:
        is_postgres, has_auth = context.get("database") == "postgres", context.get("auth") == "jwt"
        tasks, broker = str(context.get("tasks", "")), str(context.get("celery_broker"))
        proxy, slug = str(context.get("proxy", "none")), str(context.get("project_slug", ""))
        observed = bool(context.get("docker")) and bool(context.get("telemetry"))
        context.update(told(is_postgres, tasks, broker, has_auth, proxy, slug, observed))
