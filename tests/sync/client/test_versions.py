"""Programs of several versions beside each other: an old one may still push, a new column survives its edits, an old server keeps what it
cannot judge waiting, and whoever is updated gets what the old program could not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table
from sqlalchemy.orm import registry

from sync.client.loop import SyncLoop
from sync.client.replica import Replica
from sync.ids import uuid7
from sync.kinds import Registry, SyncKind
from sync.server.core import Core
from sync.server.database import Database, Part
from tests.sync import shop
from tests.sync.client import world
from tests.sync.client.test_loop import Wire
from tests.sync.client.world import Laptop, Plan, laptop_engine, plan

NEW = shop.REGISTRY
# As the version before knew it: no `notes`, no `due`, and a number that is one lower.
_BEFORE = MetaData()
_PLAN = Table("plan", _BEFORE, *(c._copy() for c in shop.plan.columns if c.name not in ("notes", "due")))


class OldPlan(world.Record): ...


registry().map_imperatively(OldPlan, _PLAN)


def _old_kind(kind: SyncKind) -> SyncKind:
    if kind.name != "plan":
        return replace(kind, table=kind.table.to_metadata(_BEFORE))
    return replace(kind, table=_PLAN, merge={n: c for n, c in kind.merge.items() if n in _PLAN.c})


OLD = Registry([_old_kind(kind) for kind in NEW], NEW.schema_version - 1)


class OldLaptop(Laptop):
    """Runs the program of the version before."""

    def __init__(self, path: Path, user: Any) -> None:
        super().__init__(laptop_engine(path), user)
        with self.engine.begin() as connection:
            for name in ("notes", "due"):
                connection.exec_driver_sql(f"ALTER TABLE plan DROP COLUMN {name}")
        self.replica = Replica(self.engine, OLD)
        self.replica.connect(device=self.device, user=user, server="here", organisation="o")

    def update(self) -> Laptop:
        """The program is updated: its migration adds the columns."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE plan ADD COLUMN notes VARCHAR NOT NULL DEFAULT ''")
            connection.exec_driver_sql("ALTER TABLE plan ADD COLUMN due DATE")
        made = Laptop.__new__(Laptop)
        made.engine, made.user, made.device = self.engine, self.user, self.device
        made.replica = Replica(self.engine, NEW)
        made.replica.connect(device=self.device, user=self.user, server="here", organisation="o")
        return made


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    database = Database.open(None, tmp_path / "server", (Part("shop", shop.TABLES),))
    made = Core(database.add("o1", "O").engine, shop.Shop(), poll_s=0.0)
    yield made
    made.close()
    database.close()


@pytest.fixture
def both(tmp_path: Path, core: Core) -> tuple[OldLaptop, Laptop]:
    """An old program and a new one, both of managers."""
    people = [uuid7(), uuid7()]
    for user in people:
        core.domain.staff[user] = shop.MANAGER  # type: ignore[attr-defined]
    return OldLaptop(tmp_path / "old.db", people[0]), Laptop(laptop_engine(tmp_path / "new.db"), people[1])


DUE = dt.date(2027, 1, 15)


def test_a_new_column_survives_the_edits_of_an_old_program(core: Core, both: tuple[OldLaptop, Laptop]) -> None:
    old, new = both
    row = new.add(plan("新", notes="旧程序不认识的字段", due=DUE))
    new.sync(core)
    old.sync(core)
    assert old.get(OldPlan, row).name == "新"  # type: ignore[union-attr]
    old.set(OldPlan, row, name="旧程序改的", number="7")
    made = old.add(OldPlan(id=uuid7(), customer="1", name="旧程序建的", **world.stamps()))
    old.sync(core)
    new.sync(core)
    got = new.get(Plan, row)
    assert got is not None
    assert (got.name, got.number, got.notes, got.due) == ("旧程序改的", "7", "旧程序不认识的字段", DUE)  # type: ignore[attr-defined]
    fresh = new.get(Plan, made)
    assert fresh is not None
    assert (fresh.name, fresh.notes, fresh.due) == ("旧程序建的", "", None), "what it does not know has its default"  # type: ignore[attr-defined]
    # The new one edits the column that only it has, the old one keeps its own edit in between: no conflict of the two.
    new.set(Plan, row, notes="再改")
    old.set(OldPlan, row, name="同时改")
    new.sync(core)
    old.sync(core)
    new.sync(core)
    got = new.get(Plan, row)
    assert (got.name, got.notes) == ("同时改", "再改")  # type: ignore[union-attr]
    assert new.replica.status().inbox == old.replica.status().inbox == 0


def test_who_is_updated_gets_what_the_old_program_could_not_hold(core: Core, both: tuple[OldLaptop, Laptop]) -> None:
    old, new = both
    row = new.add(plan("新", notes="以前放不下", due=DUE))
    new.sync(core)
    old.sync(core)
    old.set(OldPlan, row, name="更新前还没上传")
    updated = old.update()
    assert updated.replica.position().cursor == 0, "it begins again: the rows have more than it took"
    updated.sync(core)
    got = updated.get(Plan, row)
    assert (got.name, got.notes, got.due) == ("更新前还没上传", "以前放不下", DUE)  # type: ignore[union-attr]
    assert updated.replica.status().waiting == 0
    new.sync(core)
    assert new.get(Plan, row).name == "更新前还没上传"  # type: ignore[union-attr]
    assert updated.replica.status().inbox == 0


def test_what_an_old_server_cannot_judge_waits_until_it_is_updated(
    tmp_path: Path, core: Core, both: tuple[OldLaptop, Laptop]
) -> None:
    """A newer program at an older server: its commits are held, on the laptop, and offered again at each start and once a day."""
    _, new = both
    new.sync(core)
    newer = Registry(list(NEW), NEW.schema_version + 1)
    new.replica = Replica(new.engine, newer)
    new.replica.connect(device=new.device, user=new.user, server="here", organisation="o")
    now = [0.0]
    loop = SyncLoop(new.replica, Wire(new, core), live=False, clock=lambda: now[0])
    row = new.add(plan("较新程序的改动"))

    def quiet() -> None:
        while loop.step():
            pass

    quiet()
    status = new.replica.status()
    assert (status.held, status.waiting, status.inbox) == (1, 0, 0), "neither lost nor refused"
    now[0] += 3600
    quiet()
    assert new.replica.status().held == 1
    core.domain.registry = newer  # type: ignore[misc]
    now[0] += 24 * 3600
    quiet()
    assert new.replica.status().held == 0
    assert new.get(Plan, row) is not None
    with core.engine.connect() as connection:
        assert [r[0] for r in connection.exec_driver_sql("SELECT name FROM plan")] == ["较新程序的改动"]


def test_nothing_overtakes_what_an_old_server_could_not_judge(core: Core, both: tuple[OldLaptop, Laptop]) -> None:
    """A row made and, after the server's update, deleted: the deletion must not arrive first and the row come to life behind it."""
    _, new = both
    new.sync(core)
    newer = Registry(list(NEW), NEW.schema_version + 1)
    new.replica = Replica(new.engine, newer)
    new.replica.connect(device=new.device, user=new.user, server="here", organisation="o")
    row = new.add(plan("较新程序的改动"))
    new.sync(core)
    assert new.replica.status().held == 1
    new.add(plan("还要等"))
    new.sync(core)
    assert (new.replica.status().held, new.replica.status().waiting) == (2, 0), "one question was enough"
    core.domain.registry = newer  # type: ignore[misc]
    new.remove(Plan, row)
    new.sync(core)
    status = new.replica.status()
    assert (status.held, status.waiting, status.inbox) == (0, 0, 0)
    with core.engine.connect() as connection:
        assert [r[0] for r in connection.exec_driver_sql("SELECT name FROM plan")] == ["还要等"]


def test_an_edit_of_what_was_deleted_and_purged_meanwhile_is_told_and_raises_nothing_from_the_dead(
    core: Core, both: tuple[OldLaptop, Laptop]
) -> None:
    old, new = both
    rows = [new.add(plan(f"计划 {n}")) for n in range(3)]
    new.sync(core)
    old.sync(core)
    old.set(OldPlan, rows[0], name="离线一年的修改")
    new.remove(Plan, rows[0])
    new.remove(Plan, rows[1])
    new.sync(core)
    core.purge_to(core.refresh(force=True))
    old.sync(core)
    assert sorted(p.hex() for p in _ids(old)) == sorted([rows[2].bytes.hex()])
    entries = old.replica.inbox()
    assert [(e.row_id, e.mine.get("name")) for e in entries] == [(rows[0].bytes, "离线一年的修改")], (
        "his work is kept, in sight"
    )
    new.sync(core)
    assert _ids(new) == _ids(old)


def _ids(laptop: Laptop) -> set[bytes]:
    return {bytes.fromhex(row[0]) for row in laptop.rows("plan", "id")}
