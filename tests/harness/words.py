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

# (question, answer) -> the words of what this answer leaves out, as patterns, in either case.
WORDS: dict[Given, tuple[str, ...]] = {
    ("auth", "none"): (
        *(r"pwdlib", r"pyjwt", r"\bjwt\b", r"argon2", r"multipart", r"aiosmtp", r"smtp"),
        *(r"SECRET_KEY", r"access_token", r"bearer", r"ADMIN_PASSWORD", r"create-admin"),
        *(r"\busers?\.(py|email)", r"\bemails?\b(?! =)", r"\bmails?\b"),
    ),
    ("celery_broker", "rabbitmq"): (r"\bredis(?!trib)",),
    ("celery_broker", "redis"): (r"rabbit", r"amqp"),
    ("database", "postgres"): (r"sqlite", r"pragma"),
    ("database", "sqlite"): (r"asyncpg", r"postgres", r"pgserver", r"\bPG[A-Z]+\b"),
    ("example", False): (r"(?<![.\w])item", r"\bapp\.items\b", r"(New|Own|All|Existing)Item"),
    ("license", "Apache-2.0"): (*MIT, *BSD, *PROPRIETARY),
    ("license", "BSD-3-Clause"): (*MIT, *APACHE, *PROPRIETARY),
    ("license", "MIT"): (*APACHE, *BSD, *PROPRIETARY),
    ("license", "Proprietary"): (*MIT, *APACHE, *BSD),
    ("layout", "domain"): (r"app[./](routers|repositories|services)\b",),
    ("layout", "layered"): (r"app[./](users|items|auth)\b",),
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
    ("auth", "jwt"): "without it there is less, and nothing else instead",
    **{
        ("python_version", version): "it is a number, and every service runs on each of them"
        for version in ("3.11", "3.12", "3.13", "3.14")
    },
    ("example", True): "without it there is less, and nothing else instead",
}
# Where a file explains something by what is not there: (question, answer, file, heading) -> why.
EXPLAINED: dict[tuple[str, object, str, str], str] = {
    ("auth", "none", "README.md", "Background work"): (
        "a mail is its example of work that needs no worker"
    ),
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
