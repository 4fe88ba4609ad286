"""A real server on a port of this machine and real laptops: sockets, TLS, encrypted workspaces; everything in this process."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from presales_desktop.server import serving
from presales_desktop.server.domain import TYPED_PART
from presales_desktop.server.house import House
from presales_desktop.services import joining, users
from presales_desktop.services.link import Link, is_connected
from presales_desktop.services.work import Runner
from presales_desktop.store.workspace import Workspace
from sync import escrow
from sync.client.session import DeviceSession
from sync.client.transport import HttpTransport
from sync.server.app import serve
from sync.server.database import Database

__all__ = [
    "DeviceSession",
    "HttpTransport",
    "Laptop",
    "Link",
    "Site",
    "authority",
    "certificate",
    "cheap",
    "is_connected",
    "site",
]

PASSWORD = "a long enough password"
PASSPHRASE = "correct horse battery"
# login, name, role, department, superior
Person = tuple[str, str, str, str, str | None]
PEOPLE: tuple[Person, ...] = (
    ("fengrui", "冯锐", "management", "management", None),
    ("zhaolei", "赵磊", "sales_head", "sales", "冯锐"),
    ("wangmin", "王敏", "sales", "sales", "赵磊"),
    ("liqiang", "李强", "sales", "sales", "赵磊"),
    ("chenjing", "陈静", "design", "design", "冯锐"),
    ("sunhao", "孙浩", "technical", "technical", "冯锐"),
    ("zhoufang", "周芳", "finance", "finance", "冯锐"),
    ("zhengkai", "郑凯", "admin", "management", "冯锐"),
)


def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are slow on purpose; here their price is not the question."""
    monkeypatch.setattr("sync.server.accounts.PasswordHasher", lambda: PasswordHasher(1, 8, 1))


@dataclass
class Site:
    """A server with people; `laptop(login)` is a connected one."""

    house: House
    folder: Path
    url: str
    stop: Callable[[], None]
    authority: str = ""
    laptops: list[Laptop] = field(default_factory=list)

    def laptop(self, login: str, password: str = PASSWORD, name: str = "", **more: Any) -> Laptop:
        """A new laptop of LOGIN with everything he may see."""
        folder = self.folder / (name or login)
        workspace = joining.join(
            folder, self.url, login, password, PASSPHRASE, name or login, **{"authority": self.authority, **more}
        )
        made = Laptop(workspace, Link(workspace))
        self.laptops.append(made)
        made.link.exchange()
        return made


@dataclass
class Laptop:
    """A connected workspace; what it does is sent at once, unless it is offline."""

    workspace: Workspace
    link: Link
    offline: bool = False

    @property
    def runner(self) -> Runner:
        """Who acts there."""
        actor = Runner(self.workspace.engine, users.FOUNDER).run(users.acting)[0]
        return self.link.runner(actor)

    def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """One use case; its answer."""
        if not self.offline:
            self.link.exchange()
        answer = self.runner.run(function, *args, **kwargs)[0]
        if not self.offline:
            self.link.exchange()
        return answer

    def look(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """As `do`, without an exchange."""
        return self.runner.run(function, *args, **kwargs)[0]

    def close(self) -> None:
        """Shut."""
        self.link.close()
        self.workspace.close()


@contextmanager
def site(
    folder: Path,
    people: Sequence[Person] = PEOPLE,
    *,
    database: str | None = None,
    slug: str = "dengang",
    certificate: tuple[Path, Path] | None = None,
    must_change: Sequence[str] = (),
) -> Iterator[Site]:
    """A company with PEOPLE, served."""
    house = House(Database.open(database, folder / "server", (TYPED_PART,)), folder / "server")
    house.add_organisation(slug, "中山市灯港照明科技有限公司", escrow.new_pair()[1])
    for login, name, role, department, superior in people:
        house.add_user(
            slug, name=name, login=login, roles=(role,), department=department, superior=superior, password=PASSWORD,
            email="", phone="", must_change=login in must_change,
        )  # fmt: skip
    with closing(house), serving_on(house, certificate) as (url, stop):
        made = Site(house, folder, url, stop)
        try:
            yield made
        finally:
            for laptop in made.laptops:
                laptop.close()


@contextmanager
def serving_on(
    house: House, certificate: tuple[Path, Path] | None = None, port: int = 0
) -> Iterator[tuple[str, Callable[[], None]]]:
    """HOUSE on a free port; (url, stop)."""
    import socket

    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    started = threading.Event()
    stops: list[Callable[[], None]] = []

    def ready(stop: Callable[[], None]) -> None:
        stops.append(stop)
        started.set()

    options: dict[str, Any] = {"ready": ready}
    if certificate is not None:
        options |= {"certificate": certificate[0], "key": certificate[1]}
    thread = threading.Thread(
        target=serve, args=(serving.application(house), "127.0.0.1", port), kwargs=options, name="serve"
    )
    thread.start()
    assert started.wait(60)
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}", stops[0]
    finally:
        stops[0]()
        thread.join(20)


def authority(folder: Path, name: str = "DenGang CA") -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey, Path]:
    """A certificate authority of a company's own: certificate, key, PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _certificate(name, key, name, key, ca=True)
    file = folder / f"{name.replace(' ', '_')}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made, key, file


def certificate(
    folder: Path, ca: tuple[x509.Certificate, ec.EllipticCurvePrivateKey, Path], *hosts: str
) -> tuple[Path, Path]:
    """(certificate, key) files of a server at HOSTS (this machine), vouched for by CA."""
    names = hosts or ("127.0.0.1",)
    host = names[0]
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = ca[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    made = _certificate(host, key, str(issuer), ca[1], ca=False, hosts=names)
    files = folder / f"{host}.crt", folder / f"{host}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    hosts: Sequence[str] = (),
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if ca:
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(one)) for one in hosts]), critical=False
        )
    return builder.sign(signer, hashes.SHA256())
