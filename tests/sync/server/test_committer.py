"""Groups, replay, refusals, constraints, two servers on one database; on SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync import wire
from sync.ids import uuid7
from sync.server.caller import Caller, SyncError
from sync.server.core import Core
from sync.server.database import Database
from sync.server.domain import CommitContext, Judged, Verdict
from sync.server.judging import Task
from sync.wire import Change, Commit, PushRequest
from tests.sync import shop
from tests.sync.server.test_scopes import Replica, push, truth
from tests.sync.shop import Shop, commit, edit, new_item, new_plan, person, remove, request


@pytest.fixture
def anna(domain: Shop) -> Caller:
    caller = person()
    domain.staff[caller.user] = shop.MANAGER
    return caller


def one(core: Core, who: Caller, given_commit: Commit) -> wire.CommitResult:
    return core.push(who, request(who, given_commit)).results[0]


def test_pushing_a_commit_again_gives_the_same_answer_and_changes_nothing(core: Core, anna: Caller) -> None:
    plan = new_plan()
    first = commit(plan)
    refused = commit(edit("plan", plan.id, 1, name="forbidden"))
    late = commit(edit("plan", plan.id, 0, name="late"))
    answers = [core.push(anna, request(anna, first, refused, late)).results for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert [(r.status, r.seq) for r in answers[0]] == [("applied", 1), ("rejected", 0), ("conflicts", 2)]
    assert core.ring.head == 2
    doubled = core.push(anna, request(anna, fresh := commit(new_plan()), fresh))
    assert doubled.results[0] == doubled.results[1]
    assert core.check() == []


def test_somebody_elses_commit_id_tells_nothing(core: Core, domain: Shop, anna: Caller) -> None:
    made = commit(new_plan())
    one(core, anna, made)
    eve = person()
    answer = one(core, eve, made)
    assert [refusal.code for refusal in answer.refusals] == ["sync.commit_taken"]


def test_a_refusal_is_whole_and_never_stops_the_queue(core: Core, anna: Caller) -> None:
    good, bad = new_plan(), new_plan(name="forbidden")
    answer = core.push(anna, request(anna, commit(new_plan(), bad), commit(good)))
    assert [r.status for r in answer.results] == ["rejected", "applied"]
    assert answer.results[0].refusals[0].code == "shop.forbidden"
    assert set(truth(core, shop.MANAGER)) == {("plan", good.id)}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (Change("ghost", bytes(16), "create"), "sync.kind_unknown", ""),
        (Change("plan", b"short", "create"), "sync.id", "id"),
        (new_plan(name="x" * 81), "sync.value", "name"),
        (new_plan(name="a\0b"), "sync.value", "name"),
        (new_plan(name=7), "sync.value", "name"),
        (new_plan(name=None), "sync.required", "name"),
        (Change("plan", uuid7().bytes, "create", {"customer": "1"}), "sync.required", "name"),
        (new_plan(due=0), "sync.value", "due"),
        (new_plan(tags=[float("nan")]), "sync.value", "tags"),
        (new_plan(sync_seq=9), "sync.field", "sync_seq"),
        (new_plan(**{"no field": 1}), "sync.field", "no field"),
        (new_item(bytes(16), count=1 << 31), "sync.value", "count"),
        (new_item(bytes(16), x=float("inf")), "sync.value", "x"),
        (new_item(bytes(16), dimmed=1), "sync.value", "dimmed"),
        (new_item(b"short"), "sync.value", "plan_id"),
        (Change("move", uuid7().bytes, "create", {"what": "a", "by": 1, "n": 5}), "sync.field", "n"),
    ],
)
def test_what_no_column_can_hold_is_refused_with_its_field(
    core: Core, anna: Caller, change: Change, code: str, field: str
) -> None:
    answer = one(core, anna, commit(change))
    assert answer.status == "rejected"
    assert [(refusal.code, refusal.field) for refusal in answer.refusals] == [(code, field)]


def test_fields_of_a_newer_client_survive_and_come_back(core: Core, anna: Caller) -> None:
    plan = new_plan(glow={"k": [1, b"x" * 0 or "v"]})
    push(core, anna, plan)
    push(core, anna, edit("plan", plan.id, 1, name="other"))
    assert truth(core, shop.MANAGER)[("plan", plan.id)][1]["glow"] == {"k": [1, "v"]}
    push(core, anna, edit("plan", plan.id, 2, glow=5))
    assert one(core, anna, commit(edit("plan", plan.id, 2, glow=6))).status == "conflicts"
    assert Replica(core, anna).sync().rows[("plan", plan.id)][1]["glow"] == 5


def test_fields_that_an_older_client_does_not_know_have_their_default(core: Core, anna: Caller) -> None:
    plan = Change("plan", uuid7().bytes, "create", {"customer": "1", "name": "old"}, had=False)
    push(core, anna, plan)
    fields = truth(core, shop.MANAGER)[("plan", plan.id)][1]
    assert (fields["state"], fields["tags"], fields["due"]) == ("draft", [], None)


def test_a_commit_of_a_newer_schema_is_held_and_leaves_no_trace(core: Core, anna: Caller) -> None:
    newer = commit(new_plan(), schema=4)
    assert one(core, anna, newer) == wire.CommitResult(newer.id, "held")
    assert core.ring.head == 0
    core.domain.registry.schema_version = 4
    try:
        assert one(core, anna, newer).status == "applied"
    finally:
        core.domain.registry.schema_version = 3


def test_a_conflict_names_who_when_and_what(core: Core, domain: Shop, anna: Caller) -> None:
    ben = person()
    domain.staff[ben.user] = shop.MANAGER
    plan = new_plan()
    push(core, anna, plan)
    push(core, anna, edit("plan", plan.id, 1, name="hers"))
    Replica(core, ben).sync()
    answer = one(core, ben, commit(edit("plan", plan.id, 1, name="his", due=739_000)))
    assert answer.status == "conflicts"
    (conflict,) = answer.conflicts
    assert (conflict.mine, conflict.theirs) == ({"name": "his"}, {"name": "hers"})
    assert conflict.author == anna.user.bytes
    assert conflict.at == int(shop.NOW.timestamp() * 1e6)
    assert truth(core, shop.MANAGER)[("plan", plan.id)][1]["due"] == 739_000


def test_the_server_keeps_the_stamps(core: Core, anna: Caller) -> None:
    late = int((shop.NOW + dt.timedelta(days=400)).timestamp() * 1e6)
    plan = new_plan(version=99, created_by=bytes(16), created_at=late, updated_at=late, updated_by=bytes(16))
    push(core, anna, plan)
    push(core, anna, edit("plan", plan.id, 1, name="b", version=500))
    fields = truth(core, shop.MANAGER)[("plan", plan.id)][1]
    now = int(shop.NOW.timestamp() * 1e6)
    assert fields["version"] == 2
    assert (fields["created_at"], fields["updated_at"]) == (now, now)
    assert (fields["created_by"], fields["updated_by"]) == (anna.user.bytes, anna.user.bytes)


def test_a_broken_constraint_refuses_only_its_commit(core: Core, anna: Caller) -> None:
    push(core, anna, new_plan(number="N1"))
    orphan = new_item(uuid7().bytes)
    answer = core.push(
        anna,
        request(anna, commit(new_plan(number="N2")), commit(new_plan(number="N1")), commit(orphan), commit(new_plan())),
    )
    assert [r.status for r in answer.results] == ["applied", "rejected", "rejected", "applied"]
    refusal = answer.results[1].refusals[0]
    assert (refusal.code, refusal.kind, refusal.field) == ("sync.constraint", "plan", "number")
    assert answer.results[2].refusals[0].code == "sync.constraint"
    assert [r.seq for r in answer.results] == [2, 0, 0, 3]
    assert core.push(anna, request(anna, commit(new_plan(number="N1")))).results[0].status == "rejected"
    assert core.check() == []


def test_a_row_that_goes_makes_room_for_its_number(core: Core, anna: Caller) -> None:
    old = new_plan(number="N1")
    push(core, anna, old)
    push(core, anna, new_plan(number="N1"), remove("plan", old.id, 1))
    parent = new_plan()
    child = new_item(parent.id)
    push(core, anna, child, parent)
    push(core, anna, remove("plan", parent.id, 9), remove("item", child.id, 9))
    still = new_plan()
    push(core, anna, still, new_item(still.id))
    assert one(core, anna, commit(remove("plan", still.id, 9))).refusals[0].code == "sync.constraint"
    assert core.check() == []


def test_what_was_deleted_stays_so_when_the_server_had_lost_the_row(core: Core, domain: Shop, anna: Caller) -> None:
    """The server was put back to before the row was made: whoever saw it deletes it, then its maker offers it again."""
    plan, ben = new_plan(), person()
    domain.staff[ben.user] = shop.MANAGER
    assert one(core, ben, commit(remove("plan", plan.id, 7))).status == "applied"
    again = one(core, anna, commit(plan))
    assert (again.status, again.conflicts[0].gone) == ("conflicts", True)
    assert Replica(core, ben).sync().rows == truth(core, shop.MANAGER) == {}
    assert core.check() == []


def test_a_row_that_nobody_had_from_the_server_leaves_nothing_when_it_is_deleted(core: Core, anna: Caller) -> None:
    plan = new_plan()
    assert one(core, anna, commit(remove("plan", plan.id, 0))).status == "applied"
    assert one(core, anna, commit(plan)).status == "applied"


def test_who_does_not_know_the_epoch_pulls_before_anything_is_taken(core: Core, anna: Caller) -> None:
    mine = Replica(core, anna).sync()
    core.new_epoch("restored")
    waiting = commit(new_plan())
    answer = core.push(anna, request(anna, waiting, epoch=mine.epoch))
    assert (answer.results, answer.epoch) == ([], core.ring.clock.epoch)
    assert core.submit(anna, request(anna, waiting, epoch=mine.epoch)).result(10).results == []
    assert core.push(anna, request(anna, waiting, epoch=mine.sync().epoch)).results[0].status == "applied"


def test_append_only_rows_get_local_values_in_order(core: Core, anna: Caller) -> None:
    moves = [Change("move", uuid7().bytes, "create", {"what": "lamp", "by": n}, had=False) for n in range(3)]
    push(core, anna, *moves[:2])
    push(core, anna, moves[2])
    with core.engine.connect() as connection:
        assert connection.execute(select(shop.move.c.n, shop.move.c.by).order_by(shop.move.c.n)).all() == [
            (1, 0),
            (2, 1),
            (3, 2),
        ]
    assert one(core, anna, commit(remove("move", moves[0].id, 9))).refusals[0].code == "sync.append_only"


def test_the_judge_sees_what_the_group_did_before(core: Core, domain: Shop, anna: Caller) -> None:
    domain.reads = True
    counts: list[int] = []

    def judge(session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        counts.append(session.scalar(select(func.count()).select_from(shop.plan)) or 0)
        return Verdict()

    domain.judges = judge
    core.push(anna, request(anna, commit(new_plan()), commit(new_plan()), commit(new_plan())))
    assert counts == [0, 1, 2]


def test_the_judge_is_given_the_row_before_and_after(core: Core, domain: Shop, anna: Caller) -> None:
    plan = new_plan(due=739_000)
    push(core, anna, plan)
    push(core, anna, edit("plan", plan.id, 1, name="b", notes="same", customer="1"))
    context, (change,) = domain.seen[-1]
    assert change.before is not None
    assert change.after is not None
    assert (change.op, change.changed) == ("set", {"name", "notes"})
    assert (change.before["name"], change.after["name"], change.after["due"]) == ("plan", "b", dt.date(2024, 4, 24))
    assert set(change.before) == set(shop.REGISTRY["plan"].columns)
    assert (context.actor, context.device, context.public_key) == (anna.user, anna.device, anna.public_key)


def test_a_rule_that_fails_refuses_its_commit_alone(core: Core, domain: Shop, anna: Caller) -> None:
    def judge(session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        if changes[0].after is not None and changes[0].after["name"] == "bad":
            raise KeyError("a bug in a rule")
        return Verdict()

    domain.judges = judge
    answer = core.push(anna, request(anna, commit(new_plan(name="bad")), commit(new_plan())))
    assert [r.status for r in answer.results] == ["rejected", "applied"]
    assert answer.results[0].refusals[0].code == "sync.failed"


def test_refused_commits_are_told_to_the_audit_in_the_same_transaction(
    core_of: Callable[..., Core], domain: Shop, anna: Caller
) -> None:
    heard: list[Any] = []
    core = core_of(refused=lambda connection, caller, told, result: heard.append((caller, told.id, result.status)))
    bad = commit(new_plan(name="forbidden"))
    core.push(anna, request(anna, bad, commit(new_plan())))
    core.push(anna, request(anna, bad))
    assert heard == [(anna, bad.id, "rejected")]


def test_too_many_changes_and_wrong_devices_are_refused_at_the_door(core: Core, anna: Caller) -> None:
    many = [commit(*[new_plan() for _ in range(700)]) for _ in range(3)]
    with pytest.raises(SyncError, match="too_many"):
        core.push(anna, request(anna, *many))
    with pytest.raises(SyncError, match="device"):
        core.push(anna, request(person(), commit(new_plan())))
    assert one(core, anna, commit(*[new_plan() for _ in range(2_100)])).status == "applied"


def test_many_threads_are_grouped_and_each_has_its_own_answer(core: Core, domain: Shop) -> None:
    people = [person() for _ in range(24)]
    domain.staff = {who.user: shop.MANAGER for who in people}
    seqs: list[int] = []
    gate = threading.Barrier(len(people))

    def work(who: Caller, direct: bool) -> None:
        gate.wait()
        for _ in range(5):
            asked = request(who, commit(new_plan()))
            answer = core.push(who, asked) if direct else core.submit(who, asked).result(30)
            seqs.append(answer.results[0].seq)

    threads = [threading.Thread(target=work, args=(who, n % 2 == 0)) for n, who in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seqs) == list(range(1, 121))
    assert core.committer.groups < 120
    assert core.check() == []


def test_two_servers_on_one_database_agree(core_of: Callable[..., Core], domain: Shop) -> None:
    cores = [core_of(poll_s=0.0), core_of(poll_s=0.0)]
    people = [person() for _ in range(8)]
    domain.staff = {who.user: shop.MANAGER for who in people}
    plans = [new_plan() for _ in range(3)]
    push(cores[0], people[0], *plans)
    failures: list[BaseException] = []

    def work(n: int, who: Caller) -> None:
        try:
            replica = Replica(cores[n % 2], who)
            for step in range(12):
                replica.core = cores[(n + step) % 2]
                replica.sync()
                plan = plans[step % 3]
                base = replica.rows[("plan", plan.id)][0]
                made = commit(edit("plan", plan.id, base, name=f"{n}-{step}"), new_plan())
                replica.core.push(who, request(who, made))
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=item) for item in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert cores[0].refresh(force=True) == cores[1].refresh(force=True) == 1 + 8 * 12 + 8
    a, b = Replica(cores[0], people[0]).sync(), Replica(cores[1], people[1]).sync()
    assert a.rows == b.rows == truth(cores[0], shop.MANAGER)
    assert all(core.check() == [] for core in cores)


def test_another_servers_commit_wakes_those_who_wait(core_of: Callable[..., Core], domain: Shop, anna: Caller) -> None:
    here, there = core_of(poll_s=0.01), core_of()
    head = here.refresh(force=True)
    heard: list[int] = []
    stop = here.listen(heard.append)
    pusher = threading.Thread(target=push, args=(there, anna, new_plan()))
    pusher.start()
    assert here.wait(head, 20) == head + 1
    pusher.join()
    stop()
    assert heard == [head + 1]


def test_sixteen_writers_and_a_poller_that_misses_no_row(postgres: Database, domain: Shop) -> None:
    """knowledge/sync.md 2.1: with a serial as cursor 6 to 58 % of the rows were never seen."""
    engine = postgres.add(f"cursor_{uuid7().hex[20:]}", "Cursor").engine
    cores = [Core(engine, domain, clock=lambda: shop.NOW, poll_s=0.0) for _ in range(4)]
    people = [person() for _ in range(17)]
    domain.staff = {who.user: shop.MANAGER for who in people}
    written: set[bytes] = set()
    done = threading.Event()

    def work(n: int) -> None:
        for step in range(12):
            rows = [new_plan() for _ in range(1 + (n + step) % 7)]
            push(cores[n % 4], people[n], *rows)
            written.update(row.id for row in rows)

    writers = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    replica = Replica(cores[0], people[16], limit=50)
    seen_at_first: dict[bytes, int] = {}

    def poll() -> None:
        turn = 0
        while not done.is_set():
            replica.core = cores[turn % 4]
            turn += 1
            replica.step()
            for _, key in replica.rows:
                seen_at_first.setdefault(key, replica.cursor)

    poller = threading.Thread(target=poll)
    poller.start()
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    poller.join()
    replica.sync()
    assert {key for _, key in replica.rows} == written
    assert len(written) == sum(1 + (n + step) % 7 for n in range(16) for step in range(12))
    for core in cores:
        core.close()


def test_the_same_commit_in_two_servers_at_once_is_applied_once(
    core_of: Callable[..., Core], domain: Shop, anna: Caller
) -> None:
    cores = [core_of() for _ in range(3)]
    for _ in range(8):
        made = commit(new_plan())
        gate = threading.Barrier(3)
        answers: list[Any] = []

        def work(core: Core, made: Commit = made, gate: threading.Barrier = gate, answers: list[Any] = answers) -> None:
            gate.wait()
            answers.append(core.push(anna, request(anna, made)).results[0])

        threads = [threading.Thread(target=work, args=(core,)) for core in cores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers[0] == answers[1] == answers[2]
    assert cores[0].refresh(force=True) == 8


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=17),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*shop.REGISTRY["plan"].columns, "glow", "id", "sync_seq", "*"]) | st.text(max_size=6)
CHANGES = st.builds(
    Change,
    st.sampled_from(["plan", "item", "move", "ghost"]),
    st.sampled_from([b"a" * 16, b"b" * 16]) | st.binary(max_size=17),
    st.sampled_from(["create", "set", "delete"]),
    st.dictionaries(NAMES, JUNK, max_size=5),
    st.dictionaries(NAMES, st.integers(-(1 << 63), 1 << 63), max_size=3),
    st.lists(st.binary(max_size=17), max_size=2),
    st.booleans(),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150
)
@given(st.lists(CHANGES, max_size=4), st.integers(0, 1 << 62), st.binary(max_size=100))
def test_whatever_a_hostile_client_sends_is_answered_and_breaks_nothing(
    core: Core, changes: list[Change], hlc: int, noise: bytes
) -> None:
    who = Caller(UUID(int=7), UUID(int=8))
    sent = Commit(uuid7().bytes, hlc, 3, 1, changes)
    data = wire.encode(PushRequest(wire.PROTOCOL, who.device.bytes, b"", [sent]))
    asked = wire.decode(data, PushRequest)
    answer = core.push(who, asked)
    assert answer.results[0].status in ("applied", "conflicts", "rejected")
    assert wire.decode(wire.encode(answer), wire.PushAnswer) == answer
    with contextlib.suppress(wire.WireError):
        wire.decode(noise, PushRequest)
    assert core.check() == []


def test_a_database_that_fails_gives_no_answer_and_keeps_nothing(
    core: Core, anna: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server import storage

    made = commit(new_plan())

    def fail(*_: Any) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "set_seq", fail)
        with pytest.raises(OSError, match="disk"):
            core.push(anna, request(anna, made))
    assert one(core, anna, made).seq == 1
    assert core.check() == []


def test_a_group_that_falls_apart_keeps_the_order(core: Core, anna: Caller) -> None:
    plan = new_plan(number="A")
    tasks = [
        Task(anna, commit(plan)),
        Task(anna, commit(new_plan(number="A"))),
        Task(anna, commit(edit("plan", plan.id, 0, (), name="x"))),
    ]
    tasks[2].commit.changes[0].own.append(tasks[0].commit.id)
    core.committer.commit(tasks)
    assert [task.result.status for task in tasks if task.result] == ["applied", "rejected", "applied"]
