"""The protocol over HTTP on a real server: push, pull, live, refusals, limits, health."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import niquests
import pytest
from starlette.requests import Request

from sync import wire
from sync.server.app import Admitted, AuthError, Deps, ServeError, create_app, serve
from sync.server.caller import Caller
from sync.server.core import Core
from sync.server.database import Database
from tests.sync import shop
from tests.sync.shop import commit, edit, new_plan, person, request


@dataclass
class Site:
    url: str
    core: Core
    anna: Caller
    domain: shop.Shop

    def call(self, method: str, path: str, **more: Any) -> niquests.Response:
        headers = {"Authorization": "Bearer anna", **more.pop("headers", {})}
        return niquests.request(method, self.url + path, headers=headers, timeout=20, **more)

    def push(self, *commits: wire.Commit) -> wire.PushAnswer:
        body = wire.encode(request(self.anna, *commits))
        said = self.call("POST", "/v1/push", data=body, headers={"Content-SHA256": hashlib.sha256(body).hexdigest()})
        assert said.status_code == 200, said.text
        return wire.decode(said.content or b"", wire.PushAnswer)

    def pull(self, epoch: bytes = b"", cursor: int = 0) -> wire.PullAnswer:
        said = self.call("GET", f"/v1/pull?epoch={epoch.hex()}&cursor={cursor}")
        assert said.status_code == 200, said.text
        return wire.decode(said.content or b"", wire.PullAnswer)


@pytest.fixture
def site(sqlite: Database) -> Iterator[Site]:
    domain, anna = shop.Shop(), person()
    domain.staff[anna.user] = shop.MANAGER
    core = Core(sqlite.add("web", "Web").engine, domain)

    def authenticate(asked: Request) -> Admitted:
        if asked.headers.get("authorization") != "Bearer anna":
            raise AuthError("token.invalid", 401)
        return Admitted("web", anna)

    deps = Deps(authenticate, lambda slug: core, trust_s=0, live_s=5, heartbeat_s=0.2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = threading.Event()
    stops: list[Any] = []

    def ready(stop: Any) -> None:
        stops.append(stop)
        started.set()

    app = create_app(deps, cores=lambda: [core])
    thread = threading.Thread(target=serve, args=(app, "127.0.0.1", port), kwargs={"ready": ready})
    thread.start()
    assert started.wait(20)
    yield Site(f"http://127.0.0.1:{port}", core, anna, domain)
    stops[0]()
    thread.join(20)
    assert not thread.is_alive(), "the server stops when it is told"
    core.close()


def test_push_and_pull_over_http(site: Site) -> None:
    plan = new_plan()
    assert site.push(commit(plan)).results[0].status == "applied"
    first = site.pull()
    assert first.reset
    assert [row.id for row in first.rows] == [plan.id]
    site.push(commit(edit("plan", plan.id, 1, name="other")))
    second = site.pull(first.epoch, first.cursor)
    assert second.rows[0].fields["name"] == "other"
    nothing = site.call("GET", f"/v1/pull?epoch={second.epoch.hex()}&cursor={second.cursor}")
    assert (nothing.status_code, nothing.content) == (204, b"")


def test_the_live_channel_tells_of_a_commit(site: Site) -> None:
    site.push(commit(new_plan()))
    said = site.call("GET", "/v1/live?seq=1", stream=True)
    assert said.headers["content-type"].startswith("text/event-stream")
    assert "no-transform" in said.headers["cache-control"]
    lines = said.iter_lines(decode_unicode=True)
    assert next(lines) == ": live"
    pusher = threading.Thread(target=site.push, args=(commit(new_plan()),))
    pusher.start()
    news = next(line for line in lines if line.startswith("data:"))
    assert json.loads(news[5:])["seq"] >= 2
    pusher.join()
    said.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("GET", "/v1/pull", b"", {"Authorization": ""}, 401, "token.invalid"),
        ("GET", "/v1/pull", b"", {"Authorization": "Bearer ben"}, 401, "token.invalid"),
        ("POST", "/v1/push", b"", {}, 422, "wire.empty"),
        ("POST", "/v1/push", b"\1nonsense", {}, 422, "wire.damaged"),
        ("POST", "/v1/push", b"\0\x90", {}, 422, "wire.shape"),
        ("POST", "/v1/push", bytes(wire.MAX_BODY + 1), {}, 413, "request.too_large"),
        ("POST", "/v1/push", b"\0\x90", {"Content-SHA256": "00"}, 422, "request.damaged"),
        ("GET", "/v1/pull?epoch=zz", b"", {}, 422, "request.query"),
        ("GET", "/v1/pull?cursor=-1", b"", {}, 422, "request.query"),
        ("GET", "/v1/pull?cursor=" + "9" * 30, b"", {}, 422, "request.query"),
        ("GET", "/v1/segments/zz", b"", {}, 404, "sync.segment_unknown"),
        ("GET", "/v1/segments/" + "00" * 32, b"", {}, 404, "sync.segment_unknown"),
        ("GET", "/v1/nothing", b"", {}, 404, "request.unknown"),
        ("GET", "/v1/push", b"", {}, 405, "request.method"),
    ],
)
def test_refusals_have_a_code(
    site: Site, method: str, path: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    said = site.call(method, path, data=body or None, headers=headers)
    assert (said.status_code, said.json()["code"]) == (status, code)


def test_another_device_and_another_protocol_are_refused(site: Site) -> None:
    stranger = wire.encode(wire.PushRequest(wire.PROTOCOL, bytes(16), b"", []))
    assert site.call("POST", "/v1/push", data=stranger).status_code == 403
    old = wire.encode(wire.PushRequest(99, site.anna.device.bytes, b"", []))
    assert site.call("POST", "/v1/push", data=old).json()["code"] == "sync.protocol"


def test_health_readiness_and_metrics(site: Site) -> None:
    site.push(commit(new_plan()))
    assert site.call("GET", "/healthz").json() == {"status": "ok"}
    assert site.call("GET", "/readyz").json() == {"status": "ready"}
    text = site.call("GET", "/metrics").text or ""
    assert 'presales_commits_total{organisation="web",status="applied"} 1.0' in text
    assert 'presales_requests_total{route="push",status="200"} 1.0' in text


def test_without_tls_the_server_stays_at_home() -> None:
    app = create_app(Deps(lambda asked: Admitted("x", person()), lambda slug: None))  # type: ignore[arg-type,return-value]
    with pytest.raises(ServeError, match=r"server\.plaintext"):
        serve(app, "0.0.0.0")
