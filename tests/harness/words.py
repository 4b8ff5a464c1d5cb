"""Words that a service must not hold where an answer leaves their feature out."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.harness.variants import Variant, files_of

Given = tuple[str, object]
# What only the text, or the name in the metadata, of one licence says.
MIT = (r"\bMIT\b",)
APACHE = (r"Apache",)
BSD = (r"BSD-3", r"Redistributions of source code")
PROPRIETARY = (r"LicenseRef", r"All rights reserved\.$")
API_KEYS = (r"api[-_ ]key", r"ApiKey(s|Header|Public|Create|Settings)", r"\bKeyRing\b")

# (question, answer) -> the words of what this answer leaves out, as patterns, in either case.
WORDS: dict[Given, tuple[str, ...]] = {
    ("api_keys", False): API_KEYS,
    ("auth", "none"): (
        *API_KEYS,
        *(r"pwdlib", r"pyjwt", r"\bjwt\b", r"argon2", r"multipart", r"aiosmtp", r"smtp"),
        *(r"SECRET_KEY", r"access_token", r"bearer", r"ADMIN_PASSWORD", r"create-admin"),
        *(r"refresh_token", r"audit_(event|origin)s?", r"append_only", r"log-out"),
        *(r"administration", r"personal_data", r"Scope\.[A-Z]{4,}_", r"Role\.(ADMIN|USER)"),
        *(r"is_active",),
        *(r"\busers?\.(py|email)", r"\bemails?\b(?! =)", r"\bmails?\b"),
    ),
    ("celery_broker", "rabbitmq"): (r"\bredis(?!trib)",),
    ("celery_broker", "redis"): (r"rabbit", r"amqp"),
    ("database", "postgres"): (r"sqlite", r"pragma"),
    ("database", "sqlite"): (r"asyncpg", r"postgres", r"pgserver", r"\bPG[A-Z]+\b"),
    ("ci", "github"): (r"gitlab",),
    ("ci", "gitlab"): (r"\.github\b", r"github\.repository", r"GitHubAction"),
    ("ci", "none"): (r"gitlab", r"\.github\b", r"renovate", r"\bci\.(md|yml)"),
    ("devcontainer", False): (r"devcontainer",),
    ("docker", False): (
        *(r"docker", r"\bcompose\b", r"containers\.md"),
        *(r"grafana", r"\bloki\b", r"observability\.md", r"dashboard"),
    ),
    ("example", False): (r"(?<![.\w])item", r"\bapp\.items\b", r"(New|Own|All|Existing)Item"),
    ("license", "Apache-2.0"): (*MIT, *BSD, *PROPRIETARY),
    ("license", "BSD-3-Clause"): (*MIT, *APACHE, *PROPRIETARY),
    ("license", "MIT"): (*APACHE, *BSD, *PROPRIETARY),
    ("license", "Proprietary"): (*MIT, *APACHE, *BSD),
    ("layout", "domain"): (r"app[./](routers|repositories|services)\b",),
    ("layout", "layered"): (
        r"app[./](users|credentials|items|auth|audit|access|administration|personal_data)\b",
        r"app[./]api_keys\b",
    ),
    ("sentry", False): (r"sentry",),
    ("telemetry", False): (
        *(r"\bOTEL", r"opentelemetry", r"telemetry", r"otlp", r"prometheus", r"tracestate"),
        *(r"trace_id", r"traceparent"),
        *(r"grafana", r"\bloki\b", r"observability\.md", r"dashboard", r"\bobserve/"),
    ),
    ("pre_commit", False): (r"pre-commit",),
    ("proxy", "nginx"): (r"traefik",),
    ("proxy", "none"): (r"nginx", r"traefik", r"compose\.production"),
    ("proxy", "traefik"): (r"nginx",),
    ("tasks", "arq"): (r"celery", r"kombu", r"rabbit", r"amqp", r"in[ _]process"),
    ("tasks", "celery"): (r"\barq\b", r"in[ _]process"),
    ("tasks", "none"): (
        *(r"celery", r"kombu", r"\barq\b", r"redis(?!trib)", r"rabbit", r"amqp"),
        *(
            r"BROKER_URL",
            r"TASK_QUEUE",
            r"WORKER_(CONCURRENCY|GRACE)",
            r"app worker",
            r"make worker",
        ),
    ),
}
# Answers that leave nothing out, and why.
LEAVES_NOTHING_OUT: dict[Given, str] = {
    ("api_keys", True): "without it there is less, and nothing else instead",
    ("auth", "jwt"): "without it there is less, and nothing else instead",
    **{
        (question, True): "without it there is less, and nothing else instead"
        for question in ("docker", "pre_commit", "devcontainer")
    },
    **{
        ("python_version", version): "it is a number, and every service runs on each of them"
        for version in ("3.11", "3.12", "3.13", "3.14")
    },
    ("example", True): "without it there is less, and nothing else instead",
    ("sentry", True): "without it there is less, and nothing else instead",
    ("telemetry", True): "without it there is less, and nothing else instead",
}
# Where a file explains something by what is not there: (question, answer, file, heading) -> why.
EXPLAINED: dict[tuple[str, object, str, str], str] = {
    **{
        (*given, file, ""): "no log has it, whatever a service calls so, and whoever sends it"
        for given in (("auth", "none"), ("api_keys", False))
        for file in (
            "app/core/observability/redaction.py",
            "tests/core/observability/test_redaction.py",
        )
    },
    ("docker", False, "docs/operations.md", "The end of a process"): (
        "whoever runs it in a container has to know, whoever wrote the image"
    ),
    ("auth", "none", "README.md", "Background work"): (
        "a mail is its example of work that needs no worker"
    ),
    ("auth", "none", "compose.production.yaml", ""): (
        "Let's Encrypt writes to whoever keeps the certificates"
    ),
    **{
        ("docker", False, file, ""): "others' images: of servers, of tools"
        for file in (
            ".devcontainer/compose.yaml",
            ".devcontainer/devcontainer.json",
            ".github/workflows/ci.yml",
            "renovate.json",
        )
    },
    ("auth", "none", "app/core/http/deprecation.py", ""): (
        "the standard library has HTTP's way to write a date among those of e-mail"
    ),
    **{
        ("license", answer, "app/core/security/common_passwords.txt", ""): (
            "the list is others' work, and says under which licences"
        )
        for answer in ("Apache-2.0", "BSD-3-Clause", "Proprietary")
    },
    **{
        ("example", False, file, ""): "a keyword of JSON Schema, which describes a list"
        for file in (
            "app/cli/openapi_diff/schemas.py",
            "tests/cli/test_openapi_diff.py",
            "tests/core/http/test_openapi.py",
        )
    },
}


def faults(
    variant: Variant, tree: Path, explained: Collection[tuple[str, object, str, str]] = EXPLAINED
) -> Iterator[str]:
    """Give the lines and the names of files that speak of what the variant has not."""
    for given, words in WORDS.items():
        question, answer = given
        if variant[question] != answer:
            continue
        pattern = re.compile("|".join(words), re.IGNORECASE)
        for file, heading, line in lines(tree):
            if pattern.search(line) and (*given, file, heading) not in explained:
                yield f"{file}: {question}={answer} leaves out: {line.strip()}"


def lines(tree: Path) -> Iterator[tuple[str, str, str]]:
    """Give every line, and each file's name as one: (file, heading above it in Markdown, line)."""
    for path in files_of(tree):
        file = path.relative_to(tree).as_posix()
        if file == ".copier-answers.yml":  # it holds the answers themselves
            continue
        yield file, "", file
        heading, is_code = "", False
        for line in path.read_text(encoding="utf-8").splitlines():
            if path.suffix == ".md":
                is_code ^= line.startswith("```")
                if not is_code and line.startswith("#"):
                    heading = line.lstrip("# ")
            yield file, heading, line
