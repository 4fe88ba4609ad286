"""Who gets what: grants, backfill, exits, deltas, pages, resets; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sync import columns
from sync.server import segments
from sync.server.caller import Caller, SyncError
from sync.server.core import Core
from sync.server.domain import CommitContext, Create, Judged, Verdict
from sync.wire import PullAnswer
from tests.sync import shop
from tests.sync.shop import Shop, commit, edit, new_item, new_plan, person, remove, request


class Replica:
    """What a faithful client makes of the answers; nothing else. It checks that deltas only come for rows it holds."""

    def __init__(self, core: Core, who: Caller, limit: int = 5_000) -> None:
        self.core, self.who, self.limit = core, who, limit
        self.rows: dict[tuple[str, bytes], tuple[int, dict[str, Any]]] = {}
        self.epoch, self.cursor, self.place = b"", 0, b""
        self.scopes: list[str] = []
        self.resets = 0

    def step(self) -> PullAnswer:
        answer = self.core.pull(self.who, self.epoch, self.cursor, self.limit, self.place)
        if answer.reset:
            self.rows.clear()
            self.resets += 1
        for segment in answer.segments:
            for page in segments.pages(self.core.segment(self.who, segment.sha256)):
                self._columns(page)
        for left in answer.exits:
            if left.kind:
                self.rows.pop((left.kind, left.id), None)
        for page in answer.pages:
            self._columns(page)
        for row in answer.rows:
            key = (row.kind, row.id)
            if row.gone:
                self.rows.pop(key, None)
            elif row.whole:
                self.rows[key] = (row.seq, dict(row.fields))
            else:
                assert key in self.rows, "a delta for a row that the replica does not have"
                self.rows[key] = (row.seq, {**self.rows[key][1], **row.fields})
        if answer.scopes:
            self.scopes = answer.scopes
        self.epoch, self.cursor, self.place = answer.epoch, answer.cursor, answer.place
        return answer

    def _columns(self, page: Any) -> None:
        for key, seq, fields in columns.decode(page.columns).rows():
            self.rows[(page.kind, key)] = (seq, fields)

    def sync(self) -> Replica:
        for _ in range(1000):
            if not self.step().more:
                return self
        raise AssertionError("pulling does not end")


def truth(core: Core, scopes: frozenset[str]) -> dict[tuple[str, bytes], tuple[int, dict[str, Any]]]:
    from sync.server import storage

    with core.reader.begin() as connection:
        rows = storage.rows_between(connection, dict.fromkeys(scopes, 0), 0, 1 << 60, living=True)
    return {one.key: (one.state.seq, one.state.fields) for one in rows}


def push(core: Core, who: Caller, *changes: Any) -> int:
    result = core.push(who, request(who, commit(*changes))).results[0]
    assert result.status == "applied", result
    return result.seq


@pytest.fixture
def anna(domain: Shop) -> Caller:
    caller = person()
    domain.staff[caller.user] = shop.MANAGER
    return caller


@pytest.fixture
def ben(domain: Shop) -> Caller:
    caller = person()
    domain.staff[caller.user] = frozenset({"org", "c:1"})
    return caller


def test_nobody_gets_what_lies_outside_his_scopes(core: Core, domain: Shop, anna: Caller, ben: Caller) -> None:
    one, two, all_ = new_plan("1"), new_plan("2"), new_plan("")
    thing = new_item(one.id)
    dear = shop.Change("cost", thing.id, "create", {"fen": 5}, had=False)
    push(core, anna, one, two, all_, thing, dear)
    mine, hers = Replica(core, ben), Replica(core, anna)
    assert set(mine.sync().rows) == {("plan", one.id), ("plan", all_.id), ("item", thing.id)}
    assert mine.scopes == ["c:1", "org"]
    assert len(hers.sync().rows) == 5
    push(
        core,
        anna,
        edit("plan", two.id, 1, name="x"),
        edit("cost", thing.id, 1, fen=6),
        edit("plan", one.id, 1, name="y"),
    )
    answer = mine.step()
    assert [(row.kind, row.id) for row in answer.rows] == [("plan", one.id)]
    assert mine.cursor == core.ring.head, "the cursor goes on over what one may not see"


def test_a_conflict_shows_nothing_of_a_row_that_one_may_not_see(core: Core, anna: Caller, ben: Caller) -> None:
    plan = new_plan("2", name="secret")
    push(core, anna, plan)
    answer = core.push(ben, request(ben, commit(edit("plan", plan.id, 0, name="mine"))))
    assert answer.results[0].status == "rejected"
    assert answer.results[0].refusals[0].code == "sync.out_of_scope"
    assert b"secret" not in repr(answer).encode()


def test_a_moved_row_leaves_one_and_reaches_the_other(core: Core, domain: Shop, anna: Caller, ben: Caller) -> None:
    eve = person()
    domain.staff[eve.user] = frozenset({"c:2"})
    plan = new_plan("1")
    push(core, anna, plan)
    mine, hers = Replica(core, ben).sync(), Replica(core, eve).sync()
    assert list(mine.rows) == [("plan", plan.id)]
    push(core, anna, edit("plan", plan.id, 1, customer="2"))
    answer = mine.step()
    assert [(e.scope, e.kind, e.id) for e in answer.exits] == [("c:1", "plan", plan.id)]
    assert not mine.rows
    assert hers.step().rows[0].whole
    push(core, anna, edit("plan", plan.id, 9, customer="1"))
    assert list(mine.sync().rows) == [("plan", plan.id)]
    assert not hers.sync().rows


def test_children_follow_when_the_judge_says_so(core: Core, domain: Shop, anna: Caller, ben: Caller) -> None:
    plan = new_plan("1")
    things = [new_item(plan.id) for _ in range(3)]
    push(core, anna, plan, *things)
    mine = Replica(core, ben).sync()
    assert len(mine.rows) == 4

    def judge(session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        from uuid import UUID

        return Verdict(amendments={("item", UUID(bytes=thing.id)): {} for thing in things})

    domain.judges = judge
    push(core, anna, edit("plan", plan.id, 1, customer="2"))
    assert not mine.sync().rows
    assert mine.sync().rows == truth(core, frozenset({"org", "c:1"}))


def test_a_new_grant_brings_old_rows_and_a_lost_one_takes_them(
    core: Core, domain: Shop, anna: Caller, ben: Caller
) -> None:
    one, two = new_plan("1"), new_plan("2")
    push(core, anna, one, two, *[new_item(two.id) for _ in range(12)])
    mine = Replica(core, ben).sync()
    assert len(mine.rows) == 1
    domain.staff[ben.user] = frozenset({"org", "c:1", "c:2"})
    domain.regrants_of = {ben.user}
    push(core, anna, new_plan("3"))
    mine.sync()
    assert mine.rows == truth(core, domain.staff[ben.user])
    assert len(mine.rows) == 14
    assert mine.scopes == ["c:1", "c:2", "org"]
    domain.staff[ben.user] = frozenset({"org", "c:2"})
    core.regrant([ben.user])
    answer = mine.step()
    assert [(e.scope, e.kind) for e in answer.exits] == [("c:1", ""), ("c:1", "plan")]
    assert mine.sync().rows == truth(core, domain.staff[ben.user])
    assert mine.resets == 1


def test_regrant_without_a_difference_takes_no_number(core: Core, anna: Caller) -> None:
    Replica(core, anna).sync()
    head = core.ring.head
    assert core.regrant() == head
    assert core.ring.head == head


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_small_pages_bring_everything_once_the_chain_ends(
    core_of: Callable[..., Core], domain: Shop, limit: int
) -> None:
    core = core_of(ring_size=4)
    anna, ben = person(), person()
    domain.staff = {anna.user: shop.MANAGER, ben.user: frozenset({"org", "c:1"})}
    plans = [new_plan(str(n % 2 + 1)) for n in range(6)]
    for plan in plans:
        push(core, anna, plan, new_item(plan.id), new_item(plan.id))
    hers, mine = Replica(core, anna, limit), Replica(core, ben, limit)
    hers.step()
    mine.step()
    for n, plan in enumerate(plans * 3):  # between any two pages rows change, move and go
        seq = core.ring.head
        match n % 4:
            case 0:
                push(core, anna, edit("plan", plan.id, seq, name=f"n{n}"))
            case 1:
                push(core, anna, edit("plan", plan.id, seq, notes=f"t{n}", customer=str(n % 3)))
            case 2:
                push(core, anna, new_plan("1"), new_plan("2"))
            case _:
                domain.staff[ben.user] = frozenset({"org", "c:1"}) if n % 8 == 3 else frozenset({"org", "c:2"})
                core.regrant([ben.user])
        hers.step()
        mine.step()
    assert hers.sync().rows == truth(core, shop.MANAGER)
    assert mine.sync().rows == truth(core, domain.staff[ben.user])
    assert (hers.resets, mine.resets) == (1, 1)


def test_a_page_never_splits_a_commit(core: Core, anna: Caller) -> None:
    for _ in range(3):
        push(core, anna, *[new_plan() for _ in range(5)])
    mine = Replica(core, anna, limit=7)
    sizes = []
    while True:
        answer = mine.step()
        sizes.append(len(mine.rows))
        if not answer.more:
            break
    assert sizes == [5, 10, 15]


def test_what_was_purged_makes_old_replicas_begin_again(core_of: Callable[..., Core], anna: Caller) -> None:
    core = core_of(ring_size=0)
    plan, other = new_plan(), new_plan()
    push(core, anna, plan, other)
    old, new = Replica(core, anna).sync(), Replica(core, anna).sync()
    push(core, anna, remove("plan", plan.id, 1))
    new.sync()
    core.purge_to(core.ring.head)
    assert old.sync().resets == 2
    assert new.sync().resets == 1
    assert old.rows == new.rows == truth(core, shop.MANAGER)
    late = core.push(anna, request(anna, commit(edit("plan", plan.id, 99, name="back?"))))
    assert late.results[0].status == "conflicts"
    assert late.results[0].conflicts[0].gone


def test_purging_between_the_pages_of_a_first_load_loses_nothing(core: Core, anna: Caller) -> None:
    plans = [new_plan() for _ in range(6)]
    for plan in plans:
        push(core, anna, plan)
    mine = Replica(core, anna, limit=2)
    mine.step()
    push(core, anna, remove("plan", plans[0].id, 9))
    core.purge_to(core.ring.head)
    mine.step()
    push(core, anna, remove("plan", plans[5].id, 9))
    assert mine.sync().rows == truth(core, shop.MANAGER)
    assert mine.resets == 2


def test_after_a_restore_replicas_begin_again_and_bases_are_cut(core: Core, anna: Caller) -> None:
    plan = new_plan()
    push(core, anna, plan)
    push(core, anna, edit("plan", plan.id, 1, name="kept"))
    mine = Replica(core, anna).sync()
    start = core.ring.head
    number = core.new_epoch("restored")
    assert number > 1
    push(core, anna, edit("plan", plan.id, start, name="after"))
    lost_number = core.ring.head + 10
    answer = core.push(anna, request(anna, commit(edit("plan", plan.id, lost_number, name="mine"), epoch=1)))
    assert answer.results[0].status == "conflicts"
    assert mine.sync().resets == 2
    fresh = mine.step()
    assert (fresh.epoch_number, fresh.epoch_start) == (number, start)


def test_a_row_that_moved_before_its_old_scope_was_taken_leaves(core: Core, domain: Shop, anna: Caller) -> None:
    ben = person()
    domain.staff[ben.user] = frozenset({"org", "c:1"})
    plan = new_plan("1")
    push(core, anna, plan)
    his = Replica(core, ben).sync()
    assert ("plan", plan.id) in his.rows
    push(core, anna, edit("plan", plan.id, core.ring.head, customer="2"))
    domain.staff[ben.user] = frozenset({"org"})
    core.regrant([ben.user])
    assert ("plan", plan.id) not in his.sync().rows


def test_numbers_of_a_future_are_told_apart(core: Core, anna: Caller) -> None:
    mine = Replica(core, anna).sync()
    with pytest.raises(SyncError) as caught:
        core.pull(anna, mine.epoch, mine.cursor + 1)
    assert (caught.value.code, caught.value.status) == ("sync.server_went_back", 409)
    with pytest.raises(SyncError) as caught:
        core.push(anna, request(anna, commit(new_plan(), epoch=2)))
    assert caught.value.code == "sync.server_went_back"


def test_the_first_load_comes_from_files(core_of: Callable[..., Core], domain: Shop) -> None:
    core = core_of(segment_rows=20)
    anna, ben, eve = person(), person(), person()
    domain.staff = {anna.user: shop.MANAGER, ben.user: frozenset({"org", "c:1"}), eve.user: frozenset({"c:1"})}
    plans = [new_plan("1"), new_plan("2")]
    push(core, anna, *plans, *[new_item(plans[n % 2].id, label=f"é{n}") for n in range(40)])
    shared = [new_plan("") for _ in range(25)]
    push(core, anna, *shared)
    hers = Replica(core, anna)
    first = hers.step()
    assert sorted(segment.rows for segment in first.segments) == [25, 42]
    assert hers.sync().rows == truth(core, shop.MANAGER)
    push(
        core,
        anna,
        remove("plan", shared[0].id, 9),
        edit("plan", plans[0].id, 1, name="later"),
        edit("plan", shared[1].id, 2, customer="9"),
    )
    again, mine = Replica(core, anna), Replica(core, ben, limit=3)
    assert again.step().segments[0].sha256 in {segment.sha256 for segment in first.segments}
    assert again.sync().rows == truth(core, shop.MANAGER)
    assert mine.sync().rows == truth(core, domain.staff[ben.user])
    star = max(first.segments, key=lambda segment: segment.rows)
    with pytest.raises(SyncError, match="segment_unknown"):
        core.segment(eve, star.sha256)


def test_the_judge_may_add_rows_and_values(core: Core, domain: Shop, anna: Caller) -> None:
    from sync.ids import uuid7

    event, plan = uuid7(), new_plan("1")

    def judge(session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        return Verdict(
            amendments={("plan", changes[0].id): {"number": "BJ-1", "state": "sent"}},
            creates=[Create("move", event, {"what": "lamp", "by": -1})],
        )

    domain.judges = judge
    push(core, anna, plan)
    rows = Replica(core, anna).sync().rows
    assert rows[("plan", plan.id)][1]["number"] == "BJ-1"
    assert rows[("plan", plan.id)][1]["version"] == 1
    assert rows[("move", event.bytes)][1] == {"what": "lamp", "by": -1}
    assert core.check() == []
