"""The proxy of a service in production: nginx takes its configuration, and answers as it says."""

import re
import ssl
import time
from pathlib import Path

import httpx2
import pytest

from tests.harness import clients, nginx
from tests.harness.servers.private import free_port
from tests.harness.variants import render_in_series

pytestmark = pytest.mark.needs("nginx")
CONF = "deploy/nginx/nginx.conf"
ANSWERS = {"project_name": "Harbour Desk", "proxy": "nginx", "auth": "none"}
FORGED = "forged-by-the-client"


@pytest.fixture(scope="module")
def tree(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render_in_series(ANSWERS, tmp_path_factory.mktemp("proxied") / "desk", template)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("proxy_pass http://service;", "proxy_pass http://nobody;", "host not found"),
        ("limit_req zone=requests", "limit_req zone=others", "zero size shared memory zone"),
        ("tls.pem", "none.pem", "No such file"),
    ],
)
def test_nginx_takes_the_configuration_and_refuses_a_bad_one(
    old: str, new: str, said: str, tree: Path, tmp_path: Path
) -> None:
    conf = (tree / CONF).read_text(encoding="utf-8")
    adapted = nginx.adapted(conf, tmp_path, ["127.0.0.1:9"], {8080: free_port(), 8443: free_port()})
    assert old in adapted
    (tmp_path / "nginx.conf").write_text(adapted.replace(old, new) if old else adapted)
    refused = nginx.refused(tmp_path)
    assert said in refused
    assert bool(refused) is bool(said), refused


def test_what_cannot_be_adapted_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"nginx\.conf has no"):
        nginx.adapted("events {}", tmp_path, ["127.0.0.1:9"], {})


def test_requests_pass_and_what_is_too_much_does_not(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
    plain, encrypted = free_port(), free_port()
    folder = tmp_path / "nginx"
    folder.mkdir()
    with clients.runnable(tree).serving() as address:
        conf = (tree / CONF).read_text(encoding="utf-8")
        upstream = address.removeprefix("http://")
        nginx.adapted(conf, folder, [upstream], {8080: plain, 8443: encrypted})
        with nginx.proxying(folder) as server:
            trusted = ssl.create_default_context(cafile=str(folder / "authority.pem"))
            client = httpx2.Client(base_url=f"https://localhost:{encrypted}", verify=trusted)
            wait_for(client, server.output)

            answer = client.get("/health/live", headers={"X-Request-ID": FORGED})
            assert answer.status_code == 200
            assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"]), answer.headers
            assert answer.headers["Content-Security-Policy"]
            assert "nginx/" not in answer.headers["Server"]
            assert client.get("/health/ready").status_code == 404
            assert problem(client.get("/no-such"))["code"] == "not_found"

            sent = httpx2.get(f"http://localhost:{plain}/a?b=c")
            assert (sent.status_code, sent.headers["Location"]) == (308, "https://localhost/a?b=c")

            large = client.post("/api/v1/items", content=b"x" * 2_000_000)
            assert (large.status_code, problem(large)["code"]) == (413, "content_too_large")

            asked = [client.get("/health/live").status_code for _ in range(300)]
            assert set(asked) == {200, 429}
            answers = (client.get("/health/live") for _ in range(300))
            many = next(answer for answer in answers if answer.status_code == 429)
            assert (many.headers["Retry-After"], problem(many)["status"]) == ("1", 429)
            assert FORGED not in (folder / "access.log").read_text(encoding="utf-8")
    nginx.adapted(conf, folder, [upstream], {8080: plain, 8443: encrypted})
    with nginx.proxying(folder) as server:
        trusted = ssl.create_default_context(cafile=str(folder / "authority.pem"))
        client = httpx2.Client(base_url=f"https://localhost:{encrypted}", verify=trusted)
        wait_for(client, server.output)
        gone = client.get("/health/live")
        assert (gone.status_code, gone.headers["Retry-After"]) == (503, "5")
        assert problem(gone)["code"] == "unavailable"


def problem(answer: httpx2.Response) -> dict[str, object]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, object] = answer.json()
    assert found["status"] == answer.status_code
    return found


def wait_for(client: httpx2.Client, output: object) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.get("/health/live")
        except httpx2.TransportError:
            assert time.monotonic() < deadline, output
            time.sleep(0.1)
        else:
            return
