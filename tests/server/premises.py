"""A company's server as `presales-server serve` puts it together, on a port of this machine, strangers who speak plain HTTP to it, and
laptops that are connected to it."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import niquests
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from presales_desktop.server.domain import TYPED_PART
from presales_desktop.server.house import House
from presales_desktop.server.serving import application
from presales_desktop.services import customers, link, users
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.link import Link
from presales_desktop.services.work import Runner
from presales_desktop.store import keys
from presales_desktop.store import workspace as store
from sync import escrow
from sync.server.app import serve
from sync.server.blobs import CHUNK
from sync.server.database import Database
from tests.sync.client.blob_kit import name as sha256_of

T = TypeVar("T")
PASSWORD = "a long enough password"
PASSPHRASE = "a passphrase of the laptop"
# Name (also the login), role, department, superior.
PEOPLE = (
    ("冯锐", "sales_head", "sales", None),
    ("王敏", "sales", "sales", "冯锐"),
    ("李强", "sales", "sales", "冯锐"),
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_slug() -> str:
    """A slug that no other test on the same PostgreSQL has."""
    return f"s{os.getpid()}_{time.monotonic_ns()}"


class Shift:
    """The time of day, which a test may shift by seconds."""

    def __init__(self) -> None:
        self.by = 0.0

    def __call__(self) -> float:
        return time.time() + self.by


class Premises:
    """A server with one organisation and PEOPLE in it."""

    def __init__(
        self, folder: Path, url: str | None = None, attachments: str | None = None, slug: str = "dengang"
    ) -> None:
        self.folder, self.database_url, self.attachments, self.slug = folder, url, attachments, slug
        self.clock = Shift()
        self.port = free_port()
        self.private, self.public = escrow.new_pair()
        self.ids: dict[str, UUID] = {}
        self._stop: list[Callable[[], None]] = []
        self._thread: threading.Thread | None = None
        self.house = self._open()
        self.add(slug)

    def _open(self) -> House:
        database = Database.open(self.database_url, self.folder, (TYPED_PART,))
        return House(database, self.folder, self.attachments, self.clock)

    def add(self, slug: str) -> None:
        """An organisation with PEOPLE."""
        self.house.add_organisation(slug, f"灯港 {slug}", self.public)
        for login, role, department, superior in PEOPLE:
            self.ids[f"{login}@{slug}"] = self.house.add_user(
                slug, name=login, login=login, roles=(role,), department=department, superior=superior,
                password=PASSWORD, email="", phone="", must_change=False,
            )  # fmt: skip

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Take requests."""
        started = threading.Event()

        def ready(stop: Callable[[], None]) -> None:
            self._stop.append(stop)
            started.set()

        app = application(self.house)
        self._thread = threading.Thread(target=serve, args=(app, "127.0.0.1", self.port), kwargs={"ready": ready})
        self._thread.start()
        assert started.wait(30)

    def stop(self) -> None:
        """Take none any more; the databases stay open."""
        if self._thread is not None:
            self._stop.pop()()
            self._thread.join(30)
            assert not self._thread.is_alive()
            self._thread = None

    def close(self) -> None:
        """The end."""
        self.stop()
        self.house.close()

    def reopen(self) -> None:
        """As another program on the same files."""
        self.close()
        self.house = self._open()

    def login(self, login: str, slug: str | None = None) -> Token:
        """A new device of a person."""
        key = Ed25519PrivateKey.generate()
        body = {
            "user": f"{login}@{slug or self.slug}", "password": PASSWORD, "device_name": "test",
            "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        }  # fmt: skip
        said = niquests.post(f"{self.url}/v1/login", json=body, timeout=30)
        assert said.status_code == 200, said.text
        found = said.json()
        device = found["device"]
        return Token(self.url, found["access"], found["refresh"], UUID(device["id"]), int(device["no"]))


@dataclass
class Token:
    """One device that speaks plain HTTP."""

    url: str
    access: str
    refresh: str
    device: UUID
    no: int

    def call(self, method: str, path: str, **more: Any) -> niquests.Response:
        """One request."""
        headers = {"Authorization": f"Bearer {self.access}", **more.pop("headers", {})}
        return niquests.request(method, self.url + path, headers=headers, timeout=30, **more)

    def send_file(self, data: bytes) -> bytes:
        """A small file, whole; its SHA-256."""
        sha256 = sha256_of(data)
        path = f"/v1/blobs/{sha256.hex()}"
        said = self.call("POST", path, json={"size": len(data)})
        assert said.status_code == 200, said.text
        for number in said.json()["missing"]:
            piece = data[number * CHUNK : (number + 1) * CHUNK]
            done = self.call("PUT", f"{path}/{number}", data=piece, headers={"Content-SHA256": sha256_of(piece).hex()})
            assert done.status_code == 204, done.text
        done = self.call("POST", f"{path}/complete")
        assert done.status_code == 200, done.text
        return sha256


@dataclass
class Laptop:
    """A connected workspace and its person; nothing runs by itself unless `link.start()` is called."""

    workspace: store.Workspace
    link: Link = field(init=False)
    runner: Runner = field(init=False)

    def __post_init__(self) -> None:
        self.link = Link(self.workspace)
        actor = Runner(self.workspace.engine, users.FOUNDER).run(users.acting)[0]
        self.runner = link.runner_of(self.workspace, actor)

    def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """A use case."""
        return self.runner.run(function, *args, **kwargs)[0]

    def sync(self) -> None:
        """One exchange. Raises PresalesError."""
        self.link.exchange()

    def customer(self, name: str, **fields: Any) -> UUID:
        """A new customer."""
        return self.run(customers.save, CustomerDraft(name=name, owner_id=self.runner.actor.id, **fields))

    def edit(self, customer_id: UUID, **fields: Any) -> None:
        """Change a customer."""
        draft = self.run(customers.load, customer_id)
        for key, value in fields.items():
            setattr(draft, key, value)
        self.run(customers.save, draft)

    def names(self) -> list[str]:
        """Customers by name."""
        return sorted(self.query("SELECT name FROM customer"))

    def query(self, sql: str) -> list[Any]:
        """The first column."""
        with self.workspace.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(sql)]

    def waiting(self) -> int:
        """Commits that the server has not taken."""
        return self.link.replica.status().waiting

    def close(self) -> None:
        """Shut."""
        self.link.close()
        self.workspace.close()


class Laptops:
    """Makes laptops under a folder; closes them at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Laptop] = []

    def join(self, url: str, user: str, folder: str | None = None) -> Laptop:
        """A laptop of USER that has everything he may see."""
        path = self.folder / (folder or f"laptop{len(self.made)}")
        workspace = link.connect(path, url, user, PASSWORD, PASSPHRASE, "笔记本", lambda done, total, what: None)
        return self._kept(Laptop(workspace))

    def open(self, folder: Path) -> Laptop:
        """A workspace that was connected before."""
        return self._kept(Laptop(store.open_workspace(folder, passphrase=PASSPHRASE)))

    def _kept(self, made: Laptop) -> Laptop:
        self.made.append(made)
        return made

    def close(self) -> None:
        """All of them."""
        for laptop in self.made:
            with contextlib.suppress(Exception):
                laptop.close()


@contextlib.contextmanager
def cheap_secrets(monkeypatch: Any) -> Iterator[None]:
    """argon2id costs a quarter of a second on purpose; where its price is not the question it is cheap."""
    make = keys.Header.__init__
    cheap = {keys.ARGON2_TIME: 1, keys.ARGON2_MEMORY_KIB: 64}
    monkeypatch.setattr(make, "__defaults__", tuple(cheap.get(d, d) for d in make.__defaults__ or ()))
    monkeypatch.setattr("sync.server.accounts.PasswordHasher", lambda: PasswordHasher(1, 8, 1))
    yield


def arguments(folder: Path, url: str | None, **more: Any) -> Namespace:
    """What `presales-server` is called with."""
    given: dict[str, Any] = {
        "data": folder, "database": url, "attachments": None, "as_json": True, "lang": "zh", "host": "127.0.0.1", "port": 0,
        "tls_cert": None, "tls_key": None, "behind_proxy": False, "plaintext_on_network": False,
    }  # fmt: skip
    return Namespace(**(given | more))
