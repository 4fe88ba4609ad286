"""A laptop as it is: an encrypted database (SQLCipher, WAL, synchronous=FULL), capture of the session, replica, HTTP transport, loop."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import niquests
from sqlalchemy.orm import Session

from benchmarks.sync_domain import CLIENT, REGISTRY, TABLES, Item, caller
from benchmarks.sync_load import creates
from benchmarks.sync_server import ORGANISATION
from presales_desktop.store.engine import open_engine
from sync.client.book import Edit, ordered
from sync.client.replica import Applied, Replica
from sync.client.rows import typed
from sync.client.transport import HttpTransport
from sync.server import tokens


class Signed:
    """What the transport needs of a login: an address, a token of the product's own form."""

    def __init__(self, port: int, key: bytes, number: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.http = niquests.Session()
        self._token = tokens.issue_access(key, ORGANISATION, number, time.time)

    def access(self) -> str:
        """The token."""
        return self._token

    def expired(self) -> None:
        """A bench is shorter than a token."""


class Real:
    """One laptop with device NUMBER."""

    def __init__(self, folder: Path, port: int, key: bytes, number: int) -> None:
        self.who = caller(number)
        self.key, self.number = key, number
        self.engine = open_engine(folder / f"laptop-{secrets.token_hex(4)}.db", secrets.token_bytes(32))
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        TABLES.create_all(self.engine)
        CLIENT.create_all(self.engine)
        self.replica = Replica(self.engine, REGISTRY)
        self.replica.connect(device=self.who.device, user=self.who.user, server="bench", organisation=ORGANISATION)
        self.transport = self.through(port)

    def through(self, port: int) -> HttpTransport:
        """A way to the server at PORT."""
        return HttpTransport(Signed(port, self.key, self.number))  # type: ignore[arg-type]

    def pull(self, transport: HttpTransport | None = None) -> int:
        """As the loop does, until there is no more; how many rows."""
        way = transport or self.transport
        rows = 0
        while True:
            at = self.replica.position()
            if (answer := way.pull(at)) is None:
                return rows
            applied: Applied = self.replica.apply(answer, at, way.segment)
            assert not applied.asks
            assert not applied.stale
            rows += len(applied.refs)
            if not applied.more:
                return rows

    def push(self, transport: HttpTransport | None = None) -> int:
        """As the loop does, until the outbox is empty; how many commits."""
        way = transport or self.transport
        done = 0
        while (request := self.replica.take_push()) is not None:
            assert not self.replica.acknowledged(way.push(request)).stale
            done += len(request.commits)
        return done

    def fill_outbox(self, count: int) -> None:
        """COUNT rows made offline, ten at a time."""
        made = creates(count, 10, self.number)
        for at in range(0, len(made), 500):
            with self.replica.transaction() as book:
                for commit in made[at : at + 500]:
                    for change in commit.changes:
                        values = {name: [value] for name, value in change.fields.items()}
                        typed(REGISTRY[change.kind], book.connection).upsert(book.connection, [change.id], [0], values)
                    edits = [Edit(change.kind, change.id, "create", {}, change.fields) for change in commit.changes]
                    book.record(self.replica.capture.header(book, self.who.user.bytes), ordered(REGISTRY, edits))

    def items(self, count: int) -> list[UUID]:
        """Ids of sketch items that are here."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT id FROM sketch_item WHERE sync_seq > 0 LIMIT ?", (count,))
            return [UUID(row[0]) for row in found]

    def save(self, *changes: tuple[UUID, float]) -> None:
        """One unit of work as a person's: items moved to an x, row and outbox in one transaction on the disk."""
        with Session(self.engine) as session:
            watch = self.replica.capture.watch(session)
            try:
                for row_id, x in changes:
                    item = session.get_one(Item, row_id)
                    item.x = x
                    item.version += 1
                session.flush()
                watch.finish(self.who.user)
                session.commit()
            finally:
                watch.close()

    def x_of(self, row_id: UUID) -> float:
        """What this laptop's database says."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT x FROM sketch_item WHERE id = ?", (row_id.hex,))
            return float(found.scalar_one())

    def rows(self) -> int:
        """How many rows there are of all kinds."""
        with self.engine.connect() as connection:
            counts = (connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in TABLES.tables)
            return sum(int(count) for count in counts)

    def close(self) -> None:
        """Give everything back."""
        self.transport.http.close()
        self.engine.dispose()


class Relay:
    """Passes bytes on between a laptop and the server and counts them: what crosses the wire, headers and all."""

    def __init__(self, port: int) -> None:
        self.counted = {"up": 0, "down": 0}
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self._target))
            for source, target, way in ((here, there, "up"), (there, here, "down")):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(source, target, way), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, way: str) -> None:
        try:
            while data := source.recv(1 << 18):
                self.counted[way] += len(data)
                target.sendall(data)
        except OSError:
            pass
        finally:
            for one in (source, target):
                one.close()

    def of(self, work: Callable[[], Any]) -> int:
        """Bytes both ways that WORK causes."""
        before = sum(self.counted.values())
        work()
        time.sleep(0.05)  # the last bytes are counted after they were read
        return sum(self.counted.values()) - before

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()
