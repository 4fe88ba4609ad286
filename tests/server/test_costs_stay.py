"""No cost ever reaches a seller: read are every page of his database as it lies decrypted on the disk (free pages and the write-ahead
log, too), every other file of his profile, everything that the server sent to him, and what the server wrote to its log.

The costs are numbers of twelve digits that nobody else uses; they are looked for as text, as whole numbers of every width in both byte
orders (SQLite, msgpack, PostgreSQL), and as variable-length numbers.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import logging
import os
import random
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import zstandard
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import select, text

from presales_desktop.models.catalogue import VariantCost
from presales_desktop.models.quotes import QuoteLineCost
from presales_desktop.server import serving
from presales_desktop.services import quotes, users
from presales_desktop.services.catalogue_prices import CostEntry, set_costs
from presales_desktop.services.work import Work
from presales_desktop.store.workspace import DATABASE, Workspace
from sync.client.book import Edit
from sync.client.capture import Capture
from sync.ids import uuid7
from tests.server import site as sites
from tests.server.site import PEOPLE, Laptop, Site
from tests.services.quote_data import make, make_world

DAY = dt.date(2026, 1, 1)
PAGE, RESERVED, SALT = 4096, 80, 16
COST_TABLES = ("variant_cost", "quote_line_cost", "price_floor", "quote_light")


class Tap:
    """What the server sent to and got from each token, headers and bodies, and what it logged."""

    def __init__(self) -> None:
        self.sent: dict[str, list[bytes]] = defaultdict(list)
        self.log = StringIO()

    def wrap(self, app: Any) -> Any:
        async def tapped(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            headers = {k.lower(): v for k, v in scope["headers"]}
            who = self.sent[headers.get(b"authorization", b"").decode().removeprefix("Bearer ")]
            who.append(scope["raw_path"] + b"?" + scope["query_string"])
            body, out = bytearray(), bytearray()

            async def heard() -> Any:
                message = await receive()
                body.extend(message.get("body", b""))
                return message

            async def said(message: Any) -> None:
                who.extend(k + b": " + v for k, v in message.get("headers", ()))
                out.extend(message.get("body", b""))
                await send(message)

            await app(scope, heard, said)
            who.extend((bytes(body), bytes(out)))

        tapped.state = app.state  # type: ignore[attr-defined]
        return tapped


@pytest.fixture
def tap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    sites.cheap(monkeypatch)
    made = Tap()
    application = serving.application
    monkeypatch.setattr(serving, "application", lambda house: made.wrap(application(house)))
    handler = logging.StreamHandler(made.log)
    handler.setFormatter(serving.JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield made
    root.removeHandler(handler)
    root.setLevel(level)


# Both walks take ten seconds on each; `make soak` asks the embedded database, too.
@pytest.fixture(params=["embedded", "postgresql"] if os.environ.get("SOAK_STEPS") else ["postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, tap: Tap) -> Iterator[Site]:
    database = request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else None
    more = ("wuting", "吴婷", "finance", "finance", "冯锐")
    with sites.site(tmp_path, [*PEOPLE, more], database=database, slug=f"k{random.randrange(10**9)}") as made:
        yield made


# --- what is looked for, and where ------------------------------------------------------------------------------------------------------
def spellings(number: int) -> list[bytes]:
    """NUMBER as anything on the way may write it."""
    plain = str(number)
    found = [plain.encode(), plain.encode("utf-16-le"), f"{number / 100:.2f}".encode(), f"{number:,}".encode()]
    found += [base64.b64encode(plain.encode()).rstrip(b"=")[:-2]]
    big = number.to_bytes(8, "big").lstrip(b"\0")
    found += [big, big[::-1], struct.pack(">d", number), struct.pack("<d", number)]
    for value in (number, number * 2):  # plain and zigzag
        groups = []
        while value:
            groups.append(value & 127)
            value >>= 7
        found.append(bytes(g | 128 for g in groups[:-1]) + bytes([groups[-1]]))
        found.append(bytes(g | 128 for g in reversed(groups[1:])) + bytes([groups[0]]))
    return found


def pages(file: Path, key: bytes) -> bytes:
    """Every page of a SQLCipher database as it lies in FILE, in use or free, and every frame of its write-ahead log."""
    raw = file.read_bytes()
    found = [_page(raw[at : at + PAGE], key, SALT if at == 0 else 0) for at in range(0, len(raw), PAGE)]
    log = file.with_name(file.name + "-wal")
    frames = log.read_bytes() if log.exists() else b""
    for at in range(32, len(frames) - 24, 24 + PAGE):
        page = frames[at + 24 : at + 24 + PAGE]
        first = struct.unpack(">I", frames[at : at + 4])[0] == 1
        if len(page) == PAGE:
            found.append(_page(page, key, SALT if first else 0))
    return b"".join(found)


def _page(page: bytes, key: bytes, skip: int) -> bytes:
    body, vector = page[skip : PAGE - RESERVED], page[PAGE - RESERVED : PAGE - RESERVED + 16]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(body) + decryptor.finalize()


def unpacked(data: bytes) -> Iterator[bytes]:
    """DATA and every zstd frame within it."""
    yield data
    at = data.find(b"\x28\xb5\x2f\xfd")
    while at >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield from unpacked(zstandard.ZstdDecompressor().decompressobj().decompress(data[at:]))
        at = data.find(b"\x28\xb5\x2f\xfd", at + 4)


def on_disk(laptop: Laptop) -> bytes:
    """All that a person with his key can read of the profile."""
    workspace: Workspace = laptop.workspace
    found = [pages(workspace.folder / DATABASE, workspace.key)]
    with workspace.engine.connect() as connection:
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                for value in row:
                    if isinstance(value, bytes):
                        found.extend(unpacked(value))
    for file in workspace.folder.rglob("*"):
        if file.is_file() and not file.name.startswith(DATABASE):
            found.extend(unpacked(file.read_bytes()))
    return b"\0".join(found)


class Proof:
    """Costs that were planted, and the search for them."""

    def __init__(self, site: Site, tap: Tap) -> None:
        self.site, self.tap = site, tap
        self.numbers: list[int] = []
        self.random = random.Random(20261124)

    def cost(self) -> int:
        """A new one."""
        self.numbers.append(self.random.randrange(10**11, 10**12))
        return self.numbers[-1]

    def hits(self, where: bytes) -> list[tuple[int, bytes]]:
        return [(n, spelled) for n in self.numbers for spelled in spellings(n) if spelled in where]

    def traffic(self, laptop: Laptop) -> bytes:
        """Everything under the tokens that LAPTOP ever had."""
        prefix = f"{laptop.link.replica.facts()['slug']}.{laptop.link.device_number}."
        found: list[bytes] = []
        for token, data in self.tap.sent.items():
            if token.startswith(prefix):
                for one in data:
                    found.extend(unpacked(one))
        return b"\0".join(found)

    def clean(self, laptop: Laptop, *, forged: bool = False) -> None:
        """Nothing on this disk, in his traffic, in the log. FORGED: he himself sent a row of a cost kind."""
        with laptop.workspace.engine.connect() as connection:
            for table in COST_TABLES:
                assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table
            for table in ("sync_outbox", "sync_inbox", "sync_base", "sync_pending", "sync_settled", "sync_quarantine"):
                dump = repr(connection.execute(text(f"SELECT * FROM {table}")).all()).encode()
                assert not self.hits(dump), table
        traffic = self.traffic(laptop)
        assert len(traffic) > 2_000
        assert not self.hits(traffic)
        assert [kind for kind in COST_TABLES if kind.encode() in traffic and not forged] == []
        assert not self.hits(on_disk(laptop))
        assert not self.hits(self.tap.log.getvalue().encode())


def _actor(site: Site) -> Callable[..., Any]:
    logins = {"sales": "wangmin", "technical": "sunhao", "finance": "zhoufang", "sales_head": "zhaolei"}
    opened: dict[str, Laptop] = {}

    def run(role: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        login = logins.get(role, role)
        if login not in opened:
            opened[login] = site.laptop(login)
        run.laptops = opened  # type: ignore[attr-defined]
        return opened[login].do(function, *args, **kwargs)

    return run


def _plant(run: Callable[..., Any], proof: Proof, variants: Iterable[UUID], day: dt.date) -> None:
    run("finance", set_costs, [CostEntry(v, proof.cost(), day) for v in variants])


def test_no_cost_reaches_a_seller_on_any_way(site: Site, tap: Tap) -> None:
    proof, run = Proof(site, tap), _actor(site)
    world = make_world(run)
    _plant(run, proof, world.variants, DAY)
    seller: Laptop = run.laptops["wangmin"]  # type: ignore[attr-defined]
    finance: Laptop = run.laptops["zhoufang"]  # type: ignore[attr-defined]

    # The search finds what it looks for where it may be: at finance, in what finance was sent, in the database of the server's kind.
    for number in proof.numbers:
        assert number in finance.look(lambda work: list(work.session.scalars(select(VariantCost.cost_fen))))
    assert {n for n, _ in proof.hits(on_disk(finance))} == set(proof.numbers)
    assert {n for n, _ in proof.hits(proof.traffic(finance))} == set(proof.numbers)
    proof.clean(seller)

    # A quote with its margin, submitted, decided; costs that change meanwhile; a decision void by drift, and a return that says so.
    quote = make(run, world)
    run("sales", quotes.do, quote, "submit", {})
    assert finance.look(lambda work: len(list(work.session.scalars(select(QuoteLineCost.unit_cost_fen))))) == 0
    finance.link.exchange()
    frozen = finance.look(lambda work: set(work.session.scalars(select(QuoteLineCost.unit_cost_fen))))
    assert frozen == set(proof.numbers)
    finance.offline = True
    run("finance", quotes.do, quote, "approve", {})
    other = site.laptop("wuting")
    other.do(set_costs, [CostEntry(v, proof.cost(), dt.date(2026, 2, 1)) for v in world.variants])
    finance.offline = False
    finance.link.exchange()
    seller.link.exchange()
    proof.clean(seller)
    run("finance", quotes.do, quote, "return", {"comment": "成本变了，请重报"})
    seller.link.exchange()
    proof.clean(seller)

    # A program that asks for more, and one that writes a cost itself, hear no figure either.
    _write_cost(seller, world.variants[0])
    seller.link.exchange()
    assert seller.link.status.inbox == 1
    with seller.workspace.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM variant_cost")
    proof.clean(seller, forged=True)

    # A new laptop of the seller is loaded from files.
    proof.clean(site.laptop("wangmin", name="wangmin2"))


def _write_cost(seller: Laptop, variant: UUID) -> None:
    """As a tampered program would: a cost of one's own, past the rights."""
    replica = seller.link.replica
    with replica.transaction() as book:
        capture = Capture(replica.registry)
        fields = {
            "variant_id": variant.bytes, "cost_fen": 4711, "effective_on": 20_000, "supplier": "", "source": "",
        }  # fmt: skip
        edit = Edit("variant_cost", uuid7().bytes, "create", {}, fields)
        book.record(capture.header(book, book.get("user")), [edit])


def test_who_leaves_finance_keeps_no_cost_not_even_in_free_pages(site: Site, tap: Tap) -> None:
    proof, run = Proof(site, tap), _actor(site)
    world = make_world(run)
    _plant(run, proof, world.variants, DAY)
    leaving = site.laptop("wuting")
    leaving.do(set_costs, [CostEntry(v, proof.cost(), dt.date(2026, 2, 1)) for v in world.variants])
    assert {n for n, _ in proof.hits(on_disk(leaving))} == set(proof.numbers)

    def move(work: Work) -> None:
        draft = users.load(work, users.resolve(work, "wuting"))
        draft.roles, draft.department = ["sales"], "sales"
        users.save(work, draft)

    run("zhengkai", move)
    leaving.link.exchange()
    with leaving.workspace.engine.connect() as connection:
        for table in COST_TABLES:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table
    assert proof.hits(on_disk(leaving)) == []
