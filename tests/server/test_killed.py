"""kill -9 of the laptop and of the server, at a statement of the database or at any moment, again and again: what a person saw as saved
is on both sides in the end, once; both databases are whole; numbers have no gap.

`make test` kills 20 times, `make soak` 200 times.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from presales_desktop.models.customers import Contact, Customer
from presales_desktop.server.house import House
from sync.server import audit, tables
from tests.server.actors import CONTEXT, Process, laptop, server
from tests.server.premises import Laptop, Laptops, Premises, arguments, cheap_secrets, new_slug

SOAK = bool(os.environ.get("SOAK_STEPS"))
KILLS = 100 if SOAK else 10  # on each of the two databases


@pytest.fixture(params=["embedded", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Premises]:
    """An organisation on either database; nobody serves it yet."""
    url = request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else None
    with cheap_secrets(monkeypatch):
        made = Premises(tmp_path / "server", url, slug=new_slug())
        yield made
        made.close()


def _integrity(laptop: Laptop) -> None:
    with laptop.workspace.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA cipher_integrity_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@dataclass
class Ledger:
    """What the person began and what he saw as saved; read from the file that his process appends to."""

    begun: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)  # saved marks that name a customer or a contact
    shorts: dict[str, list[str]] = field(
        default_factory=dict
    )  # customer → short names it may have: the last that was saved, and later ones

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """What stands in the file."""
        found = cls()
        for line in path.read_text().splitlines():
            word, mark, what, chosen = line.split()
            {"begin": found.begun, "done": found.saved, "refused": found.refused}[word].add(mark)
            may_be = found.shorts.setdefault(chosen, [""])
            if word == "done" and what != "short":
                found.named.add(mark)
            elif word == "done":
                may_be[:] = [mark]
            elif word == "begin" and what == "short":
                may_be.append(mark)
            elif what == "short":
                may_be.remove(mark)
        return found

    def check(self, rows: list[tuple[str, str, str]], contacts: list[str]) -> None:
        """ROWS: id, name, short name of every customer. All that was saved is there, once; nothing that nobody wrote."""
        marks = Counter(name.split()[-1] for name in [*(r[1] for r in rows), *contacts])
        assert [mark for mark, n in marks.items() if n > 1] == [], "doubled"
        assert self.named - set(marks) == set(), "lost"
        assert set(marks) <= self.begun - self.refused
        for row_id, _, short in rows:
            assert short in self.shorts.get(row_id, [""]), "a value that was saved over, or never written"


def _customers(laptop: Laptop) -> list[tuple[str, str, str]]:
    with laptop.workspace.engine.connect() as connection:
        return [tuple(r) for r in connection.exec_driver_sql("SELECT id, name, short_name FROM customer")]


def _start(site: Premises, process: Process) -> None:
    ready = CONTEXT.Event()
    process.start(str(site.folder), site.database_url, site.port, process.countdown, ready)
    assert ready.wait(60), (site.folder / "server.log").read_text()


def _kill(rng: random.Random, victim: Process) -> str:
    """At a statement of its database, at one soon or one late, or at any moment."""
    if rng.random() < 0.7:
        victim.arm(rng.choice((rng.randrange(1, 60), rng.randrange(1, 400))))
        if victim.died(10):
            return "at a statement"
    else:
        assert not victim.died(rng.uniform(0.05, 0.8)), "nothing armed it"
    victim.kill()
    assert victim.died(30)
    return "at a moment"


@pytest.mark.timeout(3600 if SOAK else 300)
def test_killed_anywhere_soak(site: Premises, tmp_path: Path) -> None:
    rng = random.Random() if SOAK else random.Random(5)
    site.start()
    laptops = Laptops(tmp_path)
    laptops.join(site.url, f"王敏@{site.slug}", "first").close()
    site.close()
    folder, book = tmp_path / "first", tmp_path / "ledger"
    the_server, the_laptop = Process(server), Process(laptop)
    stop, drained = CONTEXT.Event(), CONTEXT.Event()
    deaths: Counter[str] = Counter()
    for kill in range(KILLS + 1):
        if not the_server.alive:
            _start(site, the_server)
        if not the_laptop.alive:
            the_laptop.start(str(folder), str(book), 1000 + kill, the_laptop.countdown, stop, drained)
        if kill == KILLS:
            break
        victim = the_server if kill % 2 else the_laptop
        how = _kill(rng, victim)
        deaths[f"{'server' if victim is the_server else 'laptop'} {how}"] += 1
        if victim is the_laptop:
            again = laptops.open(folder)
            _integrity(again)
            Ledger.read(book).check(_customers(again), again.query("SELECT name FROM contact"))
            again.close()
    stop.set()
    assert drained.wait(240), (deaths, (site.folder / "server.log").read_text()[-3000:])
    the_laptop.process.join(30)
    ledger = Ledger.read(book)
    print(dict(deaths), len(ledger.saved), "saved")
    assert len(ledger.saved) > KILLS, "it was work that was cut"

    first = laptops.open(folder)
    second = laptops.join(site.url, f"王敏@{site.slug}", "second")
    first.sync()
    for one in (first, second):
        _integrity(one)
        ledger.check(_customers(one), one.query("SELECT name FROM contact"))
        assert one.link.replica.status().inbox == 0
    for table, columns in (("customer", "*"), ("contact", "*"), ("audit_event", "id, action, subject_id")):
        assert _all(first, table, columns) == _all(second, table, columns), table
    journal = first.query("SELECT count(*) FROM audit_event WHERE subject_kind = 'customer'")[0]
    assert len(ledger.saved) <= journal <= len(ledger.begun - ledger.refused), "one entry for each thing that was saved"
    the_server.process.terminate()
    the_server.process.join(30)
    with House.open(arguments(site.folder, site.database_url)) as house:
        _server_is_whole(house, site, ledger)


def _all(laptop: Laptop, table: str, columns: str) -> list[tuple[object, ...]]:
    with laptop.workspace.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM {table}").mappings().all()
    local = {"sync_seq", "version"}  # counted by each laptop on its own: a part that arrives makes its whole another
    return sorted((tuple(v for k, v in row.items() if k not in local) for row in rows), key=repr)


def _server_is_whole(house: House, site: Premises, ledger: Ledger) -> None:
    core = house.core(site.slug)
    assert core.check() == []
    with core.engine.begin() as connection:
        assert audit.verify(connection) is None
        rows = [(r.id.hex, r.name, r.short_name) for r in connection.execute(select(Customer.__table__))]
        contacts = [row.name for row in connection.execute(select(Contact.__table__))]
        ledger.check(rows, contacts)
        log = tables.commit.c
        seqs = list(connection.scalars(select(log.seq).where(log.seq.is_not(None)).order_by(log.seq)))
        assert seqs == list(range(1, len(seqs) + 1)), "one number each and no gap"
        assert set(connection.scalars(select(log.status))) <= {"applied", "grants"}, (
            "nothing was refused, nothing in conflict"
        )
    if site.database_url is None:
        with closing(sqlite3.connect(site.folder / f"org_{site.slug}.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert file.execute("PRAGMA foreign_key_check").fetchall() == []
