"""The nginx configuration that a service has, run by the nginx of this machine or of `tools`.

Debian's is 1.22, older than the image that a service names. What it cannot check is `NEWER`: that
is taken out, or put in the words of 1.22.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.harness.paths import CACHE
from tests.harness.process import Server, environment, program, said, serving

WITHOUT_NGINX = (
    "Not run: nginx on the configuration of a service. To run it, install nginx "
    "(apt-get install nginx); `make proof` needs it."
)
# Written for nginx 1.29, and what 1.22 gets instead.
NEWER = {
    "        http2 on;\n": "",  # since 1.25.1
    "    resolver 127.0.0.11 valid=5s;\n": "",  # that of Docker
}
# One name for all containers, since 1.27.3.
SERVER = "server service:8000 resolve fail_timeout=1s;"


def path() -> str:
    """Give where programs are: Debian has this one where only root looks."""
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(CACHE / "bin")])


def absent() -> set[str]:
    """Name what tests miss here."""
    return set() if shutil.which("nginx", path=path()) else {"nginx"}


def adapted(conf: str, folder: Path, upstreams: Sequence[str], ports: Mapping[int, int]) -> str:
    """Write a configuration for this machine: its files, its ports, the servers behind it.

    Raises:
        LookupError: where something is not there that has to be adapted.
    """
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "tls.pem"))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    here = {
        " /tmp/": f" {folder}/",  # first: other paths may lie there
        **NEWER,
        SERVER: " ".join(f"server {each} fail_timeout=1s;" for each in upstreams),
        "/run/secrets/tls_certificate": str(folder / "tls.pem"),
        "/run/secrets/tls_key": str(folder / "tls.pem"),
        "/dev/stdout": str(folder / "access.log"),
        **{f"listen {port}": f"listen 127.0.0.1:{own}" for port, own in ports.items()},
    }
    for old, new in here.items():
        if old not in conf:
            raise LookupError(f"nginx.conf has no {old.strip()!r}")
        conf = conf.replace(old, new)
    (folder / "nginx.conf").write_text(conf, encoding="utf-8")
    return conf


def command(folder: Path, *arguments: str) -> list[str]:
    given = ["-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    return [program("nginx", path()), *given, *arguments]


def refused(folder: Path) -> str:
    """Ask nginx about an adapted configuration; empty: all is well."""
    return said(command(folder, "-t"), folder)


@contextmanager
def proxying(folder: Path) -> Iterator[Server]:
    """Run nginx on an adapted configuration."""
    in_front = command(folder, "-g", "daemon off;")
    with serving(in_front, cwd=folder, env=environment({}), log=folder / "nginx.log") as server:
        yield server
