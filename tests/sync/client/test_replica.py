"""Two laptops and the real server: what one does reaches the other, nothing is lost on the way and nothing stays that must go."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, event, text, update
from sqlalchemy.orm import Session

from sync.client import replica as replica_module
from sync.client.capture import BypassedCapture
from sync.client.inbox import InboxProblem
from sync.client.replica import Position
from sync.ids import uuid7
from sync.server.caller import SyncError
from sync.server.core import Core
from sync.server.database import Database, Part
from sync.server.domain import Verdict
from sync.wire import PullAnswer, Refusal, Row
from tests.sync import shop
from tests.sync.client.world import MOMENT, Item, Laptop, Plan, item, laptop_engine, plan

Make = Callable[..., Laptop]


def copy_database(source: Path, target: Path) -> None:
    """SQLite's own backup."""
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Core, shop.Shop, Make]]:
    """(server, its domain, laptop(name, scopes) → a new one)."""
    database = Database.open(None, tmp_path / "server", (Part("shop", shop.TABLES),))
    domain = shop.Shop()
    core = Core(database.add("o1", "O").engine, domain, poll_s=0.0)
    engines = []

    def make(name: str = "", scopes: frozenset[str] = shop.MANAGER, **options: Any) -> Laptop:
        user = uuid7()
        domain.staff[user] = scopes
        engines.append(laptop_engine(tmp_path / f"{name or len(engines)}.db"))
        return Laptop(engines[-1], user, **options)

    yield core, domain, make
    core.close()
    for engine in engines:
        engine.dispose()
    database.close()


def test_what_one_makes_and_changes_the_other_sees(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan("one", tags=["x"], notes="first\n"))
    a.sync(core)
    b.sync(core)
    b.set(Plan, made, tags=["x", "b"], notes="first\nby b\n")
    a.set(Plan, made, tags=["x", "a"], name="two")
    for laptop in (b, a, b):
        laptop.sync(core)
    for laptop in (a, b):
        seen = laptop.get(Plan, made)
        assert seen is not None
        assert (seen.name, sorted(seen.tags), seen.notes) == ("two", ["a", "b", "x"], "first\nby b\n")
        assert laptop.rows("sync_pending") == laptop.rows("sync_base") == laptop.rows("sync_outbox") == []


def test_row_and_outbox_are_one_transaction(here: tuple[Core, shop.Shop, Make]) -> None:
    _, _, make = here
    a = make()
    a.add(plan())
    before = (a.rows("plan"), a.rows("sync_outbox"))

    def broken(*args: Any) -> None:
        if "INSERT INTO sync_pending" in args[2] or "INSERT OR IGNORE INTO sync_pending" in args[2]:
            raise RuntimeError("power cut")

    event.listen(a.engine, "before_cursor_execute", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        a.add(plan())
    event.remove(a.engine, "before_cursor_execute", broken)
    assert (a.rows("plan"), a.rows("sync_outbox")) == before


def test_a_large_unit_of_work_is_taken_whole_or_not_at_all(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a = make()
    a.pull(core)
    a.add(*[plan(f"p{n}") for n in range(2_100)], plan("forbidden"))
    a.add(plan("small"))
    assert len(a.rows("sync_outbox")) == 2
    sent = a.replica.take_push()
    assert sent is not None
    assert [len(commit.changes) for commit in sent.commits] == [2_101], "it travels alone"
    a.sync(core)
    assert [row[0] for row in a.rows("plan", "name")] == ["small"]
    with core.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM plan").scalar_one() == 1


def test_statements_past_the_session_are_refused(here: tuple[Core, shop.Shop, Make]) -> None:
    _, _, make = here
    a = make()
    made = a.add(plan())
    for statement in (
        update(Plan).values(name="x"),
        delete(Plan),
        shop.plan.insert().values(name="x"),
        text("DELETE FROM plan"),
        text("UPDATE plan SET name='x'"),
    ):
        with pytest.raises(BypassedCapture):
            a.do(lambda session, statement=statement: session.execute(statement))
    seen = a.get(Plan, made)
    assert seen is not None
    assert seen.name == "p"


def test_several_flushes_are_one_commit_and_what_came_and_went_none(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a = make()
    made = a.add(plan())
    a.sync(core)

    def work(session: Session) -> None:
        for name in ("q", "r"):
            session.get_one(Plan, made).name = name
            session.flush()
        passing = plan("passing")
        session.add(passing)
        session.flush()
        session.delete(passing)

    a.do(work)
    request = a.replica.take_push()
    assert request is not None
    (commit,) = request.commits
    (change,) = commit.changes
    assert (change.op, change.fields, change.bases) == ("set", {"name": "r"}, {"name": 2})


def test_a_conflict_shows_mine_theirs_and_base_and_can_be_applied_again(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan("base"))
    a.sync(core)
    b.sync(core)
    a.set(Plan, made, name="theirs")
    b.set(Plan, made, name="mine")
    a.sync(core)
    b.sync(core)
    (entry,) = b.replica.inbox()
    assert (entry.mine, entry.theirs, entry.base) == ({"name": "mine"}, {"name": "theirs"}, {"name": "base"})
    assert entry.theirs_by == a.user.bytes
    seen = b.get(Plan, made)
    assert seen is not None
    assert seen.name == "theirs"
    b.replica.reapply([entry.id])
    assert b.replica.inbox() == []
    with pytest.raises(InboxProblem, match="entry_settled"):
        b.replica.reapply([entry.id])
    b.sync(core)
    a.sync(core)
    seen = a.get(Plan, made)
    assert seen is not None
    assert seen.name == "mine"


def test_a_refusal_does_not_stop_the_queue_and_the_view_goes_back(here: tuple[Core, shop.Shop, Make]) -> None:
    core, domain, make = here
    a = make()
    made = a.add(plan("good"))
    a.sync(core)
    a.set(Plan, made, name="forbidden")
    bad = a.add(plan("forbidden"))
    later = a.add(plan("later"))
    a.sync(core)
    seen = a.get(Plan, made)
    assert seen is not None
    assert seen.name == "good"
    assert a.get(Plan, bad) is None
    assert a.get(Plan, later) is not None
    assert {(e.kind, e.code) for e in a.replica.inbox()} == {("rejected", "shop.forbidden")}
    assert a.rows("sync_outbox") == a.rows("sync_pending") == a.rows("sync_base") == []
    domain.judges = lambda *_: Verdict()
    entry = next(e for e in a.replica.inbox() if e.op == "create")
    a.replica.reapply([entry.id])
    a.sync(core)
    assert a.get(Plan, bad) is not None


def test_an_acknowledged_change_stays_in_sight_until_it_is_pulled(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan("one"))
    a.sync(core)
    b.sync(core)
    b.set(Plan, made, notes="b")
    b.sync(core)
    stale = a.replica.position()
    late = core.pull(a.caller, stale.epoch, stale.cursor)
    a.set(Plan, made, name="two")
    a.push(core)
    a.replica.apply(late, stale)
    seen = a.get(Plan, made)
    assert seen is not None
    assert (seen.name, seen.notes) == ("two", "b")
    assert a.replica.apply(late, stale).stale


def test_a_draft_from_another_content_is_found_out_by_its_version(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan("one"))
    a.sync(core)
    b.sync(core)
    a.set(Plan, made, name="forbidden")
    seen = a.get(Plan, made)
    assert seen is not None
    drafted = seen.version
    b.set(Plan, made, notes="b")
    b.sync(core)
    a.sync(core)
    seen = a.get(Plan, made)
    assert seen is not None
    assert seen.version > drafted


def test_what_a_person_may_no_longer_see_leaves_his_disk_and_unsent_work_is_kept(
    here: tuple[Core, shop.Shop, Make],
) -> None:
    core, domain, make = here
    a = make()
    b = make(scopes=frozenset({"org", "c:1"}))
    made = a.add(plan("secretword", customer="1"))
    a.sync(core)
    b.sync(core)
    assert b.get(Plan, made) is not None
    b.set(Plan, made, notes="my own words")
    domain.staff[b.user] = frozenset({"org"})
    core.regrant([b.user])
    b.pull(core)
    assert b.get(Plan, made) is None
    (entry,) = b.replica.inbox()
    assert entry.kind == "revoked"
    assert entry.mine["notes"]["to"] == "my own words"
    assert b.rows("sync_outbox") == b.rows("sync_base") == b.rows("sync_pending") == []
    with b.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(str(b.engine.url.database))
    assert b"secretword" not in path.read_bytes()


def test_a_server_put_back_gets_again_what_it_had_acknowledged(
    here: tuple[Core, shop.Shop, Make], tmp_path: Path
) -> None:
    core, domain, make = here
    a, b = make(), make()
    made = a.add(plan("one"))
    a.sync(core)
    path = Path(str(core.engine.url.database))
    copy_database(path, tmp_path / "backup.db")
    a.set(Plan, made, name="two")
    lost = a.add(plan("after the backup"))
    a.sync(core)
    core.close()
    copy_database(tmp_path / "backup.db", path)
    restored = Core(core.engine, domain, poll_s=0.0)
    try:
        restored.new_epoch("restored")
        for laptop in (a, b, a, b):
            laptop.sync(restored)
        for laptop in (a, b):
            seen = laptop.get(Plan, made)
            assert seen is not None
            assert seen.name == "two"
            assert laptop.get(Plan, lost) is not None
            assert laptop.rows("sync_unnamed") == laptop.rows("sync_outbox") == []
    finally:
        restored.close()


@pytest.mark.parametrize("later", [60, -60])
def test_the_same_backup_put_back_twice_makes_two_epochs(
    here: tuple[Core, shop.Shop, Make], tmp_path: Path, later: int
) -> None:
    """Numbers of the first one say nothing in the second, also when the server's clock was wrong; no queue stands still."""
    core, domain, make = here
    a, b, c = make(), make(), make()
    made = a.add(plan("one"))
    for laptop in (a, b, c):
        laptop.sync(core)
    path = Path(str(core.engine.url.database))
    copy_database(path, tmp_path / "backup.db")
    servers = [core]
    try:
        for moment in (MOMENT, MOMENT + dt.timedelta(seconds=later)):
            servers[-1].close()
            copy_database(tmp_path / "backup.db", path)
            servers.append(Core(core.engine, domain, clock=lambda at=moment: at, poll_s=0.0))
            servers[-1].new_epoch("restored")
            if len(servers) == 2:  # the first time: what b writes reaches a
                b.sync(servers[1])
                b.set(Plan, made, name="b")
                for laptop in (b, a, a):  # a offers again what he had made, and is done
                    laptop.sync(servers[1])
        c.sync(servers[2])
        c.set(Plan, made, name="c")
        c.sync(servers[2])
        a.set(Plan, made, name="a")  # over what b wrote, in an epoch that is lost: he has never seen what c wrote
        with contextlib.suppress(SyncError):
            a.push(servers[2])
        a.pull(servers[2])
        a.sync(servers[2])
        assert a.rows("sync_outbox") == []
        assert [entry.mine for entry in a.replica.inbox()] == [{"name": "a"}]
        seen = a.get(Plan, made)
        assert seen is not None
        assert seen.name == "c"
    finally:
        servers[-1].close()


def test_beginning_again_takes_from_the_inbox_what_its_owner_may_not_see_any_more(
    here: tuple[Core, shop.Shop, Make],
) -> None:
    core, domain, make = here
    a, b = make(), make(scopes=frozenset({"org", "c:1"}))
    made = a.add(plan("one"))
    for laptop in (a, b):
        laptop.sync(core)
    for laptop, name in ((a, "theirs"), (b, "mine")):
        laptop.set(Plan, made, name=name)
        laptop.sync(core)
    assert [entry.theirs["name"] for entry in b.replica.inbox()] == ["theirs"]
    domain.staff[b.user] = frozenset({"org"})
    core.regrant([b.user])
    core.new_epoch("restored")  # no row leaves by name: what is not named any more is not here any more
    b.sync(core)
    assert b.get(Plan, made) is None
    assert [(entry.mine, entry.theirs, entry.base) for entry in b.replica.inbox()] == [({"name": "mine"}, {}, {})]


def test_a_purge_makes_a_replica_begin_again_and_forget_what_is_gone(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    gone, kept = a.add(plan("gone")), a.add(plan("kept"))
    a.sync(core)
    b.sync(core)
    own = b.add(plan("own, unsent"))
    a.remove(Plan, gone)
    a.sync(core)
    core.purge_to(core.refresh(force=True))
    b.pull(core)
    assert b.get(Plan, gone) is None
    assert b.get(Plan, kept) is not None
    assert b.get(Plan, own) is not None
    b.sync(core)
    a.sync(core)
    assert a.get(Plan, own) is not None


def test_a_server_that_wants_most_rows_deleted_is_asked_about(
    here: tuple[Core, shop.Shop, Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    core, _, make = here
    monkeypatch.setattr(replica_module, "GUARD_ROWS", 3)
    a, b = make(), make()
    made = [plan(str(n)) for n in range(10)]
    a.add(*made)
    a.sync(core)
    b.sync(core)
    for row in made[:6]:
        a.remove(Plan, row.id)
    a.sync(core)
    asked = b.pull(core)
    assert asked.asks == {"plan": 6}
    assert len(b.rows("plan")) == 10
    b.pull(core, confirm=True)
    assert len(b.rows("plan")) == 4


def test_a_row_that_the_tables_will_not_take_waits_with_its_bytes(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    a.sync(core)
    b.sync(core)
    mine = a.add(plan("mine", number="N1"))
    at = a.replica.position()
    key = uuid7().bytes
    fields = {"customer": "", "name": "theirs", "number": "N1", "created_at": 0, "updated_at": 0, "version": 1}
    answer = PullAnswer(at.epoch, 1, 0, at.cursor + 1, at.cursor + 1, rows=[Row("plan", key, at.cursor + 1, fields)])
    a.replica.apply(answer, at)
    assert a.replica.status().quarantine == 1
    at = a.replica.position()
    a.remove(Plan, mine)
    a.replica.apply(PullAnswer(at.epoch, 1, 0, at.cursor + 1, at.cursor + 1), at)
    assert a.replica.status().quarantine == 0
    assert len(a.rows("plan")) == 1


def test_an_own_change_of_a_row_that_waits_keeps_what_the_server_said_of_it(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    theirs, mine = a.add(plan("theirs")), a.add(plan("mine"))
    a.sync(core)
    b.sync(core)
    a.set(Plan, theirs, number="N1")
    a.sync(core)
    b.set(Plan, mine, number="N1")  # offline: somebody else was first
    b.pull(core)
    assert b.replica.status().quarantine == 1
    b.set(Plan, theirs, name="renamed")
    for laptop in (b, a, b):
        laptop.sync(core)
    assert (b.get(Plan, theirs).number, b.get(Plan, mine).number) == ("N1", None)  # type: ignore[union-attr]
    assert a.rows("plan", "id, customer, name, number") == b.rows("plan", "id, customer, name, number")


def test_two_rows_that_changed_numbers_fit_together(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a = make()
    one, two = a.add(plan("one", number="N1")), a.add(plan("two", number="N2"))
    a.sync(core)
    at = a.replica.position()
    swapped = [
        Row("plan", one.bytes, at.cursor + 1, {"number": "N2"}, whole=False),
        Row("plan", two.bytes, at.cursor + 1, {"number": "N1"}, whole=False),
    ]
    a.replica.apply(PullAnswer(at.epoch, 1, 0, at.cursor + 1, at.cursor + 1, rows=swapped), at)
    assert a.replica.status().quarantine == 0
    assert (a.get(Plan, one).number, a.get(Plan, two).number) == ("N2", "N1")  # type: ignore[union-attr]


def test_rows_made_before_there_was_a_server_are_offered(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    old = plan("old")
    with Session(a.engine) as session:
        session.add(old)
        session.flush()
        made = old.id
        session.add(item(made))
        session.commit()
    assert a.replica.offer_existing() == 2
    assert a.replica.offer_existing() == 0
    a.sync(core)
    b.sync(core)
    assert b.get(Plan, made) is not None
    assert len(b.rows("item")) == 1


def test_a_laptop_put_back_from_an_image_goes_on(here: tuple[Core, shop.Shop, Make], tmp_path: Path) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan("one"))
    with a.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(str(a.engine.url.database))
    shutil.copy(path, tmp_path / "image")
    a.sync(core)
    a.set(Plan, made, name="two")
    a.sync(core)
    a.engine.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "image", path)
    a.replica.new_device(uuid7())
    after = a.add(plan("after"))
    a.sync(core)
    b.sync(core)
    for laptop in (a, b):
        seen = laptop.get(Plan, made)
        assert seen is not None
        assert seen.name == "two"
        assert laptop.get(Plan, after) is not None


def test_another_persons_queue_is_not_pushed(here: tuple[Core, shop.Shop, Make]) -> None:
    core, domain, make = here
    a = make()
    a.sync(core)
    a.add(plan())
    other = uuid7()
    domain.staff[other] = shop.MANAGER
    a.replica.connect(device=a.device, user=other, server="here", organisation="o")
    assert a.replica.take_push() is None
    assert a.replica.status().foreign == 1
    with pytest.raises(ValueError, match="other_organisation"):
        a.replica.connect(device=a.device, user=other, server="here", organisation="elsewhere")


def test_small_pages_end_in_the_same_rows(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    for n in range(12):
        made = a.add(plan(str(n)))
        a.add(item(made, x=float(n)))
    a.sync(core)
    b.pull(core, limit=2)
    assert sorted(b.rows("item", "id, x, sync_seq")) == sorted(a.rows("item", "id, x, sync_seq"))


def test_a_crash_at_any_statement_of_a_round_changes_nothing_in_the_end(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan("one"))
    a.sync(core)
    b.sync(core)
    for n in range(0, 90, 3):
        a.set(Plan, made, notes=f"{n}")
        a.add(item(made, x=float(n)))
        left = [n]

        def cut(*_: Any, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise RuntimeError("power cut")

        event.listen(a.engine, "before_cursor_execute", cut)
        try:
            a.sync(core)
        except RuntimeError:
            pass
        finally:
            event.remove(a.engine, "before_cursor_execute", cut)
        a.sync(core)
        b.sync(core)
        seen = b.get(Plan, made)
        assert seen is not None
        assert seen.notes == f"{n}"
    tables: list[Table] = [shop.plan, shop.item]
    for table in tables:
        assert sorted(a.rows(table.name, "id, sync_seq")) == sorted(b.rows(table.name, "id, sync_seq"))
    assert a.replica.inbox() == b.replica.inbox() == []
    assert len(b.rows("item")) == 30
    assert a.replica.position() != Position()


def test_items_of_a_group_travel_together(here: tuple[Core, shop.Shop, Make]) -> None:
    core, _, make = here
    a, b = make(), make()
    made = a.add(plan())
    a.sync(core)
    one = a.add(item(made, x=1.0, y=1.0))
    a.sync(core)
    b.sync(core)
    a.set(Item, one, x=5.0)
    b.set(Item, one, y=7.0)
    a.sync(core)
    b.sync(core)
    (entry,) = b.replica.inbox()
    assert entry.mine == {"x": 1.0, "y": 7.0, "z": 0.0}
    seen = b.get(Item, one)
    assert seen is not None
    assert (seen.x, seen.y) == (5.0, 1.0)


def test_a_refusal_names_its_row(here: tuple[Core, shop.Shop, Make]) -> None:
    core, domain, make = here
    a = make()
    first, second = plan(), plan()
    domain.judges = lambda session, context, changes: Verdict(
        [Refusal("shop.why", "plan", second.id.bytes, "name", {"limit": 3})]
    )
    a.add(first, second)
    a.sync(core)
    found = {entry.row_id: entry for entry in a.replica.inbox()}
    assert found[second.id.bytes].params == {"limit": 3, "field": "name"}
    assert a.replica.of_commit(found[first.id.bytes].commit) == sorted(e.id for e in found.values())
