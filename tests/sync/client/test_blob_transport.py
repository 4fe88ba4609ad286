"""Files over real HTTP: logged in, cut again and again, limited, refused."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import niquests
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from starlette.applications import Starlette

from sync.client.blob_queue import CHUNK, Wish
from sync.client.blob_tables import DOWN, UP
from sync.client.blob_transport import HttpBlobs
from sync.client.blobs import Offline, Pace, Refused, Stopped
from sync.client.session import DeviceSession
from sync.ids import uuid7
from sync.server.account_routes import AccountApi, OrganisationFacts, Visitor
from sync.server.account_tables import append_only_statements
from sync.server.accounts import Accounts
from sync.server.app import serve
from sync.server.blob_routes import BlobApi
from sync.server.blobs import BlobStore
from tests.sync.client.blob_kit import Laptop, Line, Server, name
from tests.sync.client.proxy import Proxy

PASSWORD = "灯港 lights 2026"
SOAK = bool(os.environ.get("SOAK_STEPS"))
SIZE = (200 if SOAK else 24) * 1024 * 1024 + 12_345
CUTS = 20


class Secrets:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def set(self, name: str, value: str) -> None:
        self.kept[name] = value


class House:
    """One organisation with Anna, over HTTP."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder, lambda: 1_800_000_000.0)
        with self.server.begin() as connection:
            for statement in append_only_statements("sqlite"):
                connection.execute(text(statement))
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self._accounts = Accounts("acme", self.server.begin, lambda: 1_800_000_000.0, lambda c, u: True, hasher)
        self._accounts.add(uuid7(), "anna", PASSWORD)
        self.receipts: list[bytes] = []
        self.secret: set[bytes] = set()
        self.port = 0
        self._stops: list[Any] = []
        self.sessions: list[DeviceSession] = []

    def accounts(self, slug: str) -> Accounts:
        return {"acme": self._accounts}[slug]

    def facts(self, slug: str) -> OrganisationFacts:
        return OrganisationFacts("1", slug, "Acme")

    def with_login(self, login: str) -> list[str]:
        return ["acme"]

    def blobs(self, slug: str) -> BlobStore:
        return self.server.store

    def may_read(self, who: Visitor, sha256: bytes) -> bool:
        return sha256 not in self.secret

    def verified(self, who: Visitor, sha256: bytes, size: int) -> None:
        self.receipts.append(sha256)

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        started = threading.Event()

        def ready(stop: Any) -> None:
            self._stops.append(stop)
            started.set()

        app = Starlette(routes=[*AccountApi(self, lambda slug, user: False).routes(), *BlobApi(self, self).routes()])
        self.thread = threading.Thread(target=serve, args=(app, "127.0.0.1", self.port), kwargs={"ready": ready})
        self.thread.start()
        assert started.wait(20)

    def stop(self) -> None:
        for session in self.sessions:
            session.http.close()
        self._stops[0]()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def session(self, port: int | None = None) -> DeviceSession:
        session = DeviceSession(f"http://127.0.0.1:{self.port}", Secrets(), clock=lambda: 1_800_000_000.0)
        self.sessions.append(session)
        session.login("anna", PASSWORD)
        session.access()
        session.url = f"http://127.0.0.1:{port or self.port}"
        return session


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.start()
    yield made
    made.stop()
    made.server.engine.dispose()


class Counted(HttpBlobs):
    """Counts what is tried."""

    sent = fetched = 0

    def put(self, sha256: bytes, number: int, data: bytes) -> None:
        self.sent += 1
        super().put(sha256, number, data)

    def get(self, sha256: bytes, number: int) -> bytes:
        self.fetched += 1
        return super().get(sha256, number)


def laptop_on(folder: Path, line: Any) -> Laptop:
    folder.mkdir()
    return Laptop(folder, line, lambda: 1_800_000_000.0)


def cuts_for(chunks: int) -> list[int]:
    """Twenty places, anywhere in the headers or the middle of chunks."""
    dice = random.Random(7)
    longest = int(chunks * CHUNK / CUTS * 1.4)
    return [dice.choice([dice.randrange(1, 2000), dice.randrange(1, longest)]) for _ in range(CUTS)]


@pytest.mark.parametrize("direction", [UP, DOWN])
def test_a_large_file_arrives_over_a_line_that_is_cut_twenty_times(
    house: House, tmp_path: Path, direction: str
) -> None:
    data = random.Random(1).randbytes(SIZE)
    sha256 = name(data)
    chunks = -(-SIZE // CHUNK)
    if direction == DOWN:
        plain = laptop_on(tmp_path / "other", Line(house.server.store))
        plain.up(data)
        plain.work()
    proxy = Proxy(house.port, cuts_for(chunks))
    line = Counted(house.session(proxy.port))
    laptop = laptop_on(tmp_path / "laptop", line)
    if direction == UP:
        laptop.up(data)
    else:
        laptop.wants(Wish(sha256, SIZE, DOWN))
    laptop.work(2000)
    # What was left over of the cuts goes into asking for the file again.
    assert proxy.cut >= CUTS - 4, "the line was cut"
    if direction == UP:
        assert hashlib.sha256(house.server.content(sha256)).digest() == sha256
        assert house.receipts
        assert line.sent <= chunks + proxy.cut
    else:
        assert laptop.shelf.files[sha256] == data
        assert line.fetched <= chunks + proxy.cut
    proxy.close()
    laptop.engine.dispose()


def test_what_the_server_refuses_has_its_code(house: House) -> None:
    line = HttpBlobs(house.session())
    data = b"the content"
    with pytest.raises(Refused, match=r"blob\.unknown"):
        line.put(name(data), 0, data)
    assert line.begin(name(data), len(data)).missing == (0,)
    with pytest.raises(Refused, match=r"blob\.not_ready") as caught:
        line.complete(name(data))
    assert caught.value.status == 409
    with pytest.raises(Refused, match=r"blob\.chunk"):
        line.put(name(data), 0, b"other")
    line.put(name(data), 0, data)
    line.complete(name(data))
    assert line.begin(name(data), len(data)).state == "verified"
    assert line.get(name(data), 0) == data
    house.secret.add(name(data))
    with pytest.raises(Refused, match=r"blob\.unknown"):
        line.get(name(data), 0)
    with pytest.raises(Refused, match=r"blob\.size"):
        line.begin(name(b"other"), 2**50)


def test_a_token_that_ended_is_renewed_and_a_login_that_ended_is_refused(house: House) -> None:
    session = house.session()
    line = HttpBlobs(session)
    session._access = "acme.nonsense"
    assert line.begin(name(b"x"), 1).state == "arriving"
    session.store.set("refresh", "")
    session.expired()
    with pytest.raises(Refused, match=r"token\.missing") as caught:
        line.begin(name(b"x"), 1)
    assert caught.value.status == 401


def test_nobody_there_and_somebody_else_there_are_no_errors(house: House) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    with pytest.raises(Offline):
        HttpBlobs(house.session(nobody)).begin(name(b"x"), 1)
    stranger = house.session()
    stranger.url += "/hotel"
    with pytest.raises(Offline, match=r"server\.unknown"):
        HttpBlobs(stranger).begin(name(b"x"), 1)


def test_the_limit_reaches_into_a_chunk_and_stopping_does_not_wait_for_it(house: House) -> None:
    moved: list[int] = []
    data = random.Random(3).randbytes(CHUNK)
    line = HttpBlobs(house.session(), moved.append)
    line.begin(name(data), CHUNK)
    line.put(name(data), 0, data)
    assert sum(moved) == CHUNK
    assert max(moved) <= 64 * 1024
    line.complete(name(data))
    moved.clear()
    assert line.get(name(data), 0) == data
    assert sum(moved) == CHUNK
    pace = Pace(lambda: 1)  # a byte a second
    slow = HttpBlobs(house.session(), pace)
    threading.Timer(0.2, pace.stop).start()
    with pytest.raises(Stopped):
        slow.get(name(data), 0)


def test_requests_end_where_the_login_page_of_a_hotel_redirects(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    session = house.session()
    real = session.http.request

    def redirected(method: str, url: str, **more: Any) -> niquests.Response:
        assert more["allow_redirects"] is False
        return real(method, url, **more)

    monkeypatch.setattr(session.http, "request", redirected)
    assert HttpBlobs(session).begin(name(b"x"), 1).state == "arriving"
