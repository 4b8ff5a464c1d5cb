"""What every service must do, asked over HTTP and nothing else; the answers say what it has."""

import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast
from uuid import uuid4

import httpx2

from tests.harness.variants import Variant

PROBLEM = "application/problem+json"
PASSWORD = "correct horse battery"
ALWAYS = {"/health/live", "/health/ready"}
WITH_ACCOUNTS = {
    "/api/v1/users",
    "/api/v1/users/me",
    "/api/v1/users/me/export",
    "/api/v1/users/{user_id}",
    "/api/v1/users/me/email",
    "/api/v1/users/me/password",
    "/api/v1/users/password/forgot",
    "/api/v1/users/password/reset",
    "/api/v1/users/verify-email",
    "/api/v1/users/verify-email/again",
    "/api/v1/auth/token",
    "/api/v1/auth/refresh",
    "/api/v1/auth/log-out",
    "/api/v1/auth/log-out-everywhere",
    "/api/v1/auth/sessions",
    "/api/v1/auth/sessions/{session_id}",
    "/api/v1/audit",
}
WITH_KEYS = {"/api/v1/api-keys", "/api/v1/api-keys/{key_id}", "/api/v1/api-keys/{key_id}/rotate"}
WITH_EXAMPLE = {"/api/v1/items", "/api/v1/items/{item_id}"}
Headers = dict[str, str]
Body = dict[str, Any]


def expected_paths(variant: Variant) -> set[str]:
    """Give the paths that the API document must have, and no other."""
    accounts = WITH_ACCOUNTS if variant["auth"] == "jwt" else set()
    keys = WITH_KEYS if variant["api_keys"] else set()
    return ALWAYS | accounts | keys | (WITH_EXAMPLE if variant["example"] else set())


class BlackBox:
    """A client that holds every answer to the rules that hold for all of them.

    `make_admin(email, password)` runs the service's own command: the one thing that HTTP cannot do.
    `further` are paths that the service has beside those of every service with its answers.
    """

    def __init__(
        self,
        address: str,
        variant: Variant,
        make_admin: Callable[[str, str], None],
        further: Collection[str] = (),
    ) -> None:
        self.client = httpx2.Client(base_url=address, timeout=20)
        self.variant = variant
        self.make_admin = make_admin
        self.further = further
        self.asked = 0

    def ask(self, expected: int, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send a request, and hold the answer against the status that it must have."""
        answer = self.client.request(method, path, **options)
        self.asked += 1
        told = f"{method} {path} {options} answered {answer.status_code}: {answer.text[:2000]}"
        assert answer.status_code < 500, told
        assert answer.status_code == expected, f"{told}\n(expected {expected})"
        assert answer.headers["x-content-type-options"] == "nosniff", told
        assert answer.headers["x-request-id"], told
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == PROBLEM, told
            problem = answer.json()
            assert problem["request_id"] == answer.headers["x-request-id"], told
            assert problem["status"] == expected, told
            assert isinstance(problem["code"], str), told
            assert problem["code"], told
        return answer

    def get_json(self, expected: int, method: str, path: str, **options: Any) -> Body:
        return cast(Body, self.ask(expected, method, path, **options).json())

    def run(self) -> int:
        """Ask everything; give the number of requests.

        Raises:
            AssertionError: with the request and its answer, at the first that is wrong.
        """
        with self.client:
            self.health()
            self.unknown_paths()
            self.requests()
            self.api_document()
            if self.variant["auth"] == "jwt":
                self.registration()
                self.log_in()
                self.sessions()
                self.caller()
                self.credentials()
                self.administrator()
            if self.variant["api_keys"]:
                self.keys(self.new_caller())
            if self.variant["example"]:
                owner = self.new_caller()
                self.items(owner)
                self.pages(self.new_caller())
                self.conditions(self.new_caller())
                self.intentions(self.new_caller())
                self.garbage(owner)
                if self.variant["auth"] == "jwt":
                    self.strangers(owner)
        return self.asked

    # ------------------------------------------------------------ everything

    def health(self) -> None:
        self.ask(200, "GET", "/health/live")
        self.ask(200, "GET", "/health/ready")

    def unknown_paths(self) -> None:
        self.ask(404, "GET", "/no/such/path")
        self.ask(404, "GET", f"/{uuid4()}")
        self.ask(405, "DELETE", "/health/live")
        for path in (WITH_ACCOUNTS | WITH_KEYS | WITH_EXAMPLE) - expected_paths(self.variant):
            one = re.sub(r"{\w+}", str(uuid4()), path)
            self.ask(404, "GET", one)
            self.ask(404, "POST", one, json={})

    def requests(self) -> None:
        """Hold what is so for any path: names, methods, sizes, whom a request comes from."""
        forged = {"X-Request-ID": "forged", "X-Forwarded-For": "198.51.100.1"}
        names = {
            self.ask(404, "GET", "/no/such/path", headers=forged).headers["x-request-id"]
            for _ in range(3)
        }
        assert len(names) == 3
        assert "forged" not in names
        assert self.ask(405, "PUT", "/health/ready").headers["allow"] == "GET"
        if self.variant["example"]:
            allowed = self.ask(405, "DELETE", "/api/v1/items").headers["allow"]
            assert set(allowed.split(", ")) == {"GET", "POST"}
        for size in (2_000_000, 10_000_000):
            self.ask(413, "POST", "/no/such/path", content=b"x" * size)
        counted = self.ask(404, "GET", "/no/such/path").headers
        assert counted["ratelimit-policy"].startswith('"address";q=')
        assert "ratelimit" not in self.ask(200, "GET", "/health/live").headers

    def api_document(self) -> None:
        document = self.get_json(200, "GET", "/openapi.json")
        assert set(document["paths"]) == expected_paths(self.variant) | {*self.further}
        info = document["info"]
        assert info["title"] == self.variant.data()["project_name"]
        assert info["description"] == self.variant.data()["description"]

    # -------------------------------------------------------------- accounts

    def registration(self) -> None:
        new = {"email": address(), "password": PASSWORD}
        first = self.ask(202, "POST", "/api/v1/users", json=new)
        second = self.ask(202, "POST", "/api/v1/users", json=new)
        other = self.ask(202, "POST", "/api/v1/users", json=new | {"email": address()})
        assert first.content == second.content == other.content, "a registration tells who exists"
        for bad in (
            new | {"password": "correct hor"},
            new | {"password": "x" * 12},
            new | {"password": "Password1234"},
            new | {"email": "nobody"},
            new | {"email": "a\u0000b@example.com"},
            new | {"role": "admin"},
            {"email": new["email"]},
            {},
        ):
            self.ask(422, "POST", "/api/v1/users", json=bad)
        shortest = {"email": address(), "password": "correct hors"}
        self.ask(202, "POST", "/api/v1/users", json=shortest)

    def log_in(self) -> None:
        email = self.register()
        token = self.get_json(200, "POST", "/api/v1/auth/token", data=credentials(email))
        assert token["token_type"] == "bearer"
        assert token["access_token"]
        self.ask(401, "POST", "/api/v1/auth/token", data=credentials(email, "wrong" * 4))
        self.ask(401, "POST", "/api/v1/auth/token", data=credentials(address()))
        self.ask(422, "POST", "/api/v1/auth/token", data={"username": email})
        self.ask(422, "POST", "/api/v1/auth/token", json={"username": email})
        self.refused("POST", "/api/v1/auth/token", data=credentials("a\u0000b@example.com"))

    def sessions(self) -> None:
        email = self.register()
        path = "/api/v1/auth"
        first = self.get_json(200, "POST", f"{path}/token", data=credentials(email))
        spent = {"refresh_token": first["refresh_token"]}
        answer = self.ask(200, "POST", f"{path}/refresh", data=spent)
        assert answer.headers["cache-control"] == "no-store"
        second = answer.json()
        assert second.keys() == first.keys()
        assert second["refresh_token"] != first["refresh_token"]
        self.ask(409, "POST", f"{path}/refresh", data=spent)
        self.ask(401, "POST", f"{path}/refresh", data={"refresh_token": secrets.token_urlsafe()})
        self.ask(422, "POST", f"{path}/refresh", data={})
        caller = {"Authorization": f"Bearer {second['access_token']}"}
        other = self.headers(email)
        rows = self.get_json(200, "GET", f"{path}/sessions", headers=caller)["rows"]
        assert [row["is_current"] for row in rows] == [False, True]
        stranger = self.new_caller()
        self.ask(404, "DELETE", f"{path}/sessions/{rows[0]['id']}", headers=stranger)
        self.ask(204, "DELETE", f"{path}/sessions/{rows[0]['id']}", headers=caller)
        self.ask(204, "POST", f"{path}/log-out", headers=caller)
        gone = {"refresh_token": second["refresh_token"]}
        self.ask(401, "POST", f"{path}/refresh", data=gone)
        self.ask(204, "POST", f"{path}/log-out-everywhere", headers=other)
        rows = self.get_json(200, "GET", f"{path}/sessions", headers=other)["rows"]
        assert rows == []
        refused = {"Authorization": f"Bearer {second['refresh_token']}"}
        self.ask(401, "GET", "/api/v1/users/me", headers=refused)

    def caller(self) -> None:
        email = self.register()
        me = self.get_json(200, "GET", "/api/v1/users/me", headers=self.headers(email))
        assert me["email"] == email
        assert not [name for name in me if "password" in name], "a password leaves the service"
        missing = self.ask(401, "GET", "/api/v1/users/me")
        assert missing.headers["www-authenticate"].startswith("Bearer")
        for wrong in ("Bearer nonsense", "Bearer", "Basic YTpi", "Bearer a.b.c"):
            self.ask(401, "GET", "/api/v1/users/me", headers={"Authorization": wrong})

    def credentials(self) -> None:
        """Hold what needs no mail: those who read one have their tests in the service."""
        email = self.register()
        for path in ("/api/v1/users/password/forgot", "/api/v1/users/verify-email/again"):
            known = self.ask(202, "POST", path, json={"email": email})
            unknown = self.ask(202, "POST", path, json={"email": address()})
            assert known.content == unknown.content, "a request for a mail tells who exists"
            self.ask(422, "POST", path, json={"email": "nobody"})
        made_up = {"token": secrets.token_urlsafe(32)}
        self.ask(403, "POST", "/api/v1/users/verify-email", json=made_up)
        reset = made_up | {"password": PASSWORD}
        self.ask(403, "POST", "/api/v1/users/password/reset", json=reset)
        headers, new = self.headers(email), "another fine password"
        wrong = {"current_password": new, "new_password": PASSWORD}
        self.ask(401, "PUT", "/api/v1/users/me/password", json=wrong)
        self.ask(403, "PUT", "/api/v1/users/me/password", headers=headers, json=wrong)
        asked = {"email": address(), "password": PASSWORD}
        self.ask(202, "PUT", "/api/v1/users/me/email", headers=headers, json=asked)
        right = {"current_password": PASSWORD, "new_password": new}
        self.ask(204, "PUT", "/api/v1/users/me/password", headers=headers, json=right)
        self.ask(401, "POST", "/api/v1/auth/token", data=credentials(email))
        self.ask(200, "POST", "/api/v1/auth/token", data=credentials(email, new))

    def administrator(self) -> None:
        self.ask(401, "GET", "/api/v1/users")
        self.ask(403, "GET", "/api/v1/users", headers=self.new_caller())
        email = address()
        self.make_admin(email, PASSWORD)
        admin = self.headers(email)
        found: list[Body] = []
        after: Body = {}
        while True:
            page = self.get_json(
                200, "GET", "/api/v1/users", headers=admin, params={"limit": 2} | after
            )
            found += page["rows"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        self.ask(401, "GET", "/api/v1/audit")
        self.ask(403, "GET", "/api/v1/audit", headers=self.new_caller())
        failed = {"event": "log_in_failed", "limit": 1}
        self.ask(401, "POST", "/api/v1/auth/token", data=credentials(email, "wrong" * 4))
        page = self.get_json(200, "GET", "/api/v1/audit", headers=admin, params=failed)
        assert [row["event"] for row in page["rows"]] == ["log_in_failed"]
        self.ask(422, "GET", "/api/v1/audit", headers=admin, params={"event": "nothing"})
        assert [row["email"] for row in found].count(email) == 1
        assert len({row["id"] for row in found}) == len(found) > 4
        self.administered(admin)

    def administered(self, admin: Headers) -> None:
        """Change an account, and let its owner delete it."""
        email = self.register()
        owner = self.headers(email)
        me = self.get_json(200, "GET", "/api/v1/users/me", headers=owner)
        one = f"/api/v1/users/{me['id']}"
        assert self.get_json(200, "GET", one, headers=admin) == me
        for headers, status in (({}, 401), (owner, 403)):
            self.ask(status, "GET", one, headers=headers)
            self.ask(status, "PATCH", one, headers=headers, json={"role": "admin"})
        for bad in ({"role": "pirate"}, {"is_active": None}, {"is_active": 1}, {"email": email}):
            self.ask(422, "PATCH", one, headers=admin, json=bad)
        self.ask(404, "PATCH", f"/api/v1/users/{uuid4()}", headers=admin, json={"role": "user"})
        self.ask(200, "PATCH", one, headers=admin, json={"is_active": False})
        self.ask(401, "GET", "/api/v1/users/me", headers=owner)
        self.ask(401, "POST", "/api/v1/auth/token", data=credentials(email))
        self.ask(200, "PATCH", one, headers=admin, json={"is_active": True})
        data = self.get_json(200, "GET", "/api/v1/users/me/export", headers=owner)
        assert data["account"]["email"] == email
        wrong = {"password": "wrong" * 4}
        self.ask(403, "DELETE", "/api/v1/users/me", headers=owner, json=wrong)
        self.ask(204, "DELETE", "/api/v1/users/me", headers=owner, json={"password": PASSWORD})
        self.ask(401, "POST", "/api/v1/auth/token", data=credentials(email))
        self.ask(404, "GET", one, headers=admin)

    def keys(self, owner: Headers) -> None:
        path, me = "/api/v1/api-keys", "/api/v1/users/me"
        new = {"name": "deploy", "scopes": ["account:read"]}
        made = self.get_json(201, "POST", path, headers=owner, json=new)
        key, one = {"X-API-Key": made["key"]}, f"{path}/{made['id']}"
        assert self.get_json(200, "GET", me, headers=key) == self.get_json(
            200, "GET", me, headers=owner
        )
        rows = self.get_json(200, "GET", path, headers=owner)["rows"]
        assert [row["id"] for row in rows] == [made["id"]]
        assert rows[0]["last_used_at"]
        assert "key" not in rows[0]
        for bad in (new | {"scopes": []}, new | {"name": ""}, new | {"scopes": ["x"]}, {}):
            self.ask(422, "POST", path, headers=owner, json=bad)
        self.ask(403, "POST", path, headers=owner, json=new | {"scopes": ["users:read"]})
        self.ask(403, "GET", "/api/v1/users", headers=key)
        for wrong in ("nonsense", made["key"] + "x", made["prefix"] + "_" + "x" * 43):
            self.ask(401, "GET", me, headers={"X-API-Key": wrong})
        for method, where in (("GET", path), ("DELETE", one), ("POST", f"{one}/rotate")):
            self.ask(401, method, where, headers=key)
        self.ask(404, "DELETE", one, headers=self.new_caller())
        fresh = self.get_json(201, "POST", f"{one}/rotate", headers=owner)
        for held in (made, fresh):
            self.ask(200, "GET", me, headers={"X-API-Key": held["key"]})
        self.ask(204, "DELETE", one, headers=owner)
        self.ask(401, "GET", me, headers=key)

    # ----------------------------------------------------------------- items

    def items(self, owner: Headers) -> None:
        path = "/api/v1/items"
        assert self.get_json(200, "GET", path, headers=owner) == {"rows": [], "next": None}
        item = self.get_json(201, "POST", path, headers=owner, json={"title": "One", "note": "n"})
        assert (item["title"], item["note"]) == ("One", "n")
        one = f"{path}/{item['id']}"
        assert self.get_json(200, "GET", one, headers=owner) == item
        assert self.get_json(200, "GET", path, headers=owner) == {"rows": [item], "next": None}
        changed = self.get_json(200, "PATCH", one, headers=owner, json={"title": "Two ✓"})
        assert (changed["title"], changed["note"]) == ("Two ✓", "n")
        assert self.get_json(200, "GET", one, headers=owner) == changed
        self.ask(204, "DELETE", one, headers=owner)
        for method in ("GET", "DELETE"):
            self.ask(404, method, one, headers=owner)
        self.ask(404, "PATCH", one, headers=owner, json={"title": "Three"})

    def pages(self, owner: Headers) -> None:
        path = "/api/v1/items"
        if self.variant["auth"] == "none":  # items belong to nobody: begin with none
            for row in self.get_json(200, "GET", path)["rows"]:
                self.ask(204, "DELETE", f"{path}/{row['id']}")
        made = [
            self.get_json(201, "POST", path, headers=owner, json={"title": f"Item {number}"})["id"]
            for number in range(5)
        ]
        sizes, seen, after = [], [], ""
        while True:
            query = f"{path}?limit=2" + (f"&after={after}" if after else "")
            page = self.get_json(200, "GET", query, headers=owner)
            sizes.append(len(page["rows"]))
            seen += [row["id"] for row in page["rows"]]
            if page["next"] is None:
                break
            after = page["next"]
        assert sizes == [2, 2, 1]
        assert len(set(seen)) == 5
        assert set(seen) == set(made)

    def conditions(self, owner: Headers) -> None:
        made = self.ask(201, "POST", "/api/v1/items", headers=owner, json={"title": "Tagged"})
        one, tag = f"/api/v1/items/{made.json()['id']}", made.headers["etag"]
        assert not self.ask(304, "GET", one, headers=owner | {"If-None-Match": tag}).content
        seen = owner | {"If-Match": tag}
        changed = self.ask(200, "PATCH", one, headers=seen, json={"note": "first"})
        assert changed.headers["etag"] != tag
        self.ask(412, "PATCH", one, headers=seen, json={"note": "lost"})
        self.ask(412, "DELETE", one, headers=seen)
        self.ask(200, "PATCH", one, headers=owner, json={"note": "last"})
        shown = self.ask(200, "GET", one, headers=owner | {"If-None-Match": tag})
        assert shown.json()["note"] == "last"
        self.ask(204, "DELETE", one, headers=owner | {"If-Match": shown.headers["etag"]})

    def intentions(self, owner: Headers) -> None:
        path, once = "/api/v1/items", owner | {"Idempotency-Key": secrets.token_hex(8)}
        first = self.ask(201, "POST", path, headers=once, json={"title": "Once"})
        again = self.ask(201, "POST", path, headers=once, json={"title": "Once"})
        assert first.content == again.content
        assert again.headers["idempotent-replayed"] == "true"
        self.ask(422, "POST", path, headers=once, json={"title": "Other"})
        if self.variant["auth"] == "jwt":
            stranger = once | self.new_caller()
            other = self.ask(201, "POST", path, headers=stranger, json={"title": "Once"})
            assert other.json()["id"] != first.json()["id"], "a key was another account's"
        found = self.get_json(200, "GET", f"{path}?title=Once&sort=title", headers=owner)
        assert [row["id"] for row in found["rows"]] == [first.json()["id"]]

    def garbage(self, owner: Headers) -> None:
        path = "/api/v1/items"
        one = f"{path}/{self.get_json(201, 'POST', path, headers=owner, json={'title': 'x'})['id']}"
        bodies: list[Any] = [
            {"title": "x", "unknown": 1},
            {"title": ""},
            {"title": "   "},
            {"title": "a\u0000b"},
            {"title": "x", "note": "a\u0000b"},
            {"title": "x" * 100_000},
            {"title": 7},
            {"title": None},
            {"title": ["x"]},
            [],
            [{"title": "x"}],
            "x",
            7,
            None,
        ]
        for method, where in (("POST", path), ("PATCH", one)):
            for body in bodies:
                self.ask(422, method, where, headers=owner, json=body)
            kind = owner | {"Content-Type": "application/json"}
            for raw in (b"[", b"{", b"", b"title=x", b'{"title": "x"'):
                self.ask(422, method, where, headers=kind, content=raw)
            for raw in (
                b'{"title": "\xff\xfe"}',
                b'{"title": "\\ud800"}',
                b'{"title": "x", "\\ud800": 1}',
                b"[" * 50_000,
                b'{"title": NaN}',
            ):
                self.refused(method, where, headers=kind, content=raw)
        self.ask(422, "POST", path, headers=owner, json={})
        assert self.get_json(200, "GET", one, headers=owner)["title"] == "x"
        for query in (
            "limit=0",
            "limit=100000",
            "limit=-1",
            "limit=x",
            "limit=9" + "9" * 400,
            "sort=note",
            "title=",
            "colour=red",
        ):
            self.ask(422, "GET", f"{path}?{query}", headers=owner)
        for key in ("x", "%00", "7", "a" * 36):
            self.ask(404, "GET", f"{path}?after={key}", headers=owner)
            for method in ("GET", "DELETE"):
                self.ask(422, method, f"{path}/{key}", headers=owner)
            self.ask(422, "PATCH", f"{path}/{key}", headers=owner, json={"title": "x"})

    def strangers(self, owner: Headers) -> None:
        path = "/api/v1/items"
        self.ask(401, "GET", path)
        self.ask(401, "POST", path, json={"title": "x"})
        item = self.get_json(201, "POST", path, headers=owner, json={"title": "Mine"})
        one = f"{path}/{item['id']}"
        stranger = self.new_caller()
        for method, body in (("GET", None), ("PATCH", {"title": "Theirs"}), ("DELETE", None)):
            options: Body = {} if body is None else {"json": body}
            self.ask(401, method, one, **options)
            self.ask(404, method, one, headers=stranger, **options)
        assert self.get_json(200, "GET", path, headers=stranger)["rows"] == []
        assert self.get_json(200, "GET", one, headers=owner) == item

    # --------------------------------------------------------------- helpers

    def refused(self, method: str, path: str, **options: Any) -> None:
        """Send what no client sends: any refusal will do, an error of the service will not."""
        answer = self.client.request(method, path, **options)
        self.asked += 1
        told = f"{method} {path} {str(options)[:500]} answered {answer.status_code}: {answer.text}"
        assert 400 <= answer.status_code < 500, told
        assert answer.headers["content-type"] == PROBLEM, told
        assert json.loads(answer.content)["code"], told

    def register(self) -> str:
        email = address()
        self.ask(202, "POST", "/api/v1/users", json={"email": email, "password": PASSWORD})
        return email

    def headers(self, email: str) -> Headers:
        token = self.get_json(200, "POST", "/api/v1/auth/token", data=credentials(email))
        return {"Authorization": f"Bearer {token['access_token']}"}

    def new_caller(self) -> Headers:
        """Give the headers of somebody new; of nobody where there are no accounts."""
        return self.headers(self.register()) if self.variant["auth"] == "jwt" else {}


def address() -> str:
    return f"user-{secrets.token_hex(6)}@example.com"


def credentials(email: str, password: str = PASSWORD) -> Mapping[str, str]:
    return {"username": email, "password": password}
