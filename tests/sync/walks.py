"""What can happen in a walk, as rules of a Hypothesis state machine; how often each, and in which walks. See tests/sync/universe.py."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from sync.client.inbox import InboxProblem
from sync.ids import uuid7
from tests.sync import shop, shop_decisions
from tests.sync.client.world import Cost, Decision, Item, Move, Plan, item, plan, stamps
from tests.sync.oracle import check
from tests.sync.universe import COLUMNS, LAPTOPS, NEW, NUMBERS, OLD, RIGHTS, YEAR_US, Member, Saw, World, add_in_order

WHO = st.integers(0, LAPTOPS - 1)
WHICH = st.integers(0, 5)
CUT = st.floats(0, 0.99)
CUSTOMER = st.sampled_from(["1", "2", ""])
PROCESS = st.integers(0, 1)
STATEMENT = st.integers(1, 45)
PUSH_FAULTS = st.sampled_from(
    ["request lost", "request late", "request cut", "answer lost", "answer late", "answer cut", "repeated"]
)
PULL_FAULTS = st.sampled_from(["answer lost", "answer late", "answer cut", "repeated"])
STEPS: Counter[str] = Counter()  # deed → how often it was done, in this process
CAME: Counter[str] = Counter()  # what came of it: conflicts, refusals, restores …


class Walk(RuleBasedStateMachine):
    """Random deeds; in the end everybody syncs and all must be well. What can happen is added by `walk`."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.checked = False

    def check_invariants(self, *given: Any, **more: Any) -> None:
        """Nothing is checked between steps but what deeds assert."""

    def teardown(self) -> None:
        try:
            if not self.failed:
                check(self.world, CAME)
        finally:
            self.world.close()

    failed: ClassVar[bool] = False


class Deeds:
    """The rules; `walk` makes machines of some of them."""

    world: World

    def member(self, who: int) -> Member:
        """One of the laptops."""
        return self.world.laptops[who]

    def pick(self, laptop: Member, kind: str, which: int) -> tuple[UUID, dict[str, Any]] | None:
        """A row on screen."""
        rows = self.world.look(laptop, kind)
        return rows[which % len(rows)] if rows else None

    # --- what people write -----------------------------------------------------------------------------------------------------

    def edit(self, at: int) -> None:
        laptop = self.member(at % LAPTOPS)
        found = self.pick(laptop, "plan", at // LAPTOPS)
        if found:
            row, saw = found
            self.world.set_fields(laptop, Plan, {row: {"name": self.world.fresh()}}, {("plan", row.bytes): saw})

    def edit_two(self, who: int, which: int) -> None:
        laptop = self.member(who)
        rows = self.world.look(laptop, "plan")
        if len(rows) > 1:
            two = [rows[which % len(rows)], rows[(which + 1) % len(rows)]]
            saw = {("plan", row.bytes): values for row, values in two}
            self.world.set_fields(laptop, Plan, {row: {"name": self.world.fresh()} for row, _ in two}, saw)

    def edit_text(self, who: int, which: int, line: int, *, instead: bool) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found:
            row, saw = found
            lines = saw["notes"].splitlines(keepends=True)
            at = line % (len(lines) + 1)
            lines[at : at + (1 if instead else 0)] = [self.world.fresh() + "\n"]
            self.world.set_fields(laptop, Plan, {row: {"notes": "".join(lines)}}, {("plan", row.bytes): saw})

    def tag(self, who: int, which: int, away: int) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found:
            row, saw = found
            tags = saw["tags"] = json.loads(saw["tags"])
            new = [t for n, t in enumerate(tags) if n != away] if away < len(tags) else [*tags, self.world.fresh()]
            self.world.set_fields(laptop, Plan, {row: {"tags": new}}, {("plan", row.bytes): saw})

    def state(self, who: int, which: int) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found:
            row, saw = found
            self.world.set_fields(laptop, Plan, {row: {"state": self.world.fresh()}}, {("plan", row.bytes): saw})

    def number(self, who: int, which: int, number: str | None) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found and found[1]["number"] != number:
            row, saw = found
            taken = laptop.one("SELECT count(*) FROM plan WHERE number = ?", number)
            if not taken:  # the laptop's own table would refuse it at once
                self.world.set_fields(laptop, Plan, {row: {"number": number}}, {("plan", row.bytes): saw})

    def forbidden(self, who: int, which: int) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found and found[1]["name"] != "forbidden":
            row, saw = found
            values = {"name": "forbidden", "state": self.world.fresh()}
            self.world.set_fields(laptop, Plan, {row: values}, {("plan", row.bytes): saw})

    def to_customer(self, who: int, which: int, customer: str) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found and found[1]["customer"] != customer:
            row, saw = found
            self.world.set_fields(laptop, Plan, {row: {"customer": customer}}, {("plan", row.bytes): saw})

    def place(self, who: int, which: int, *, both: bool) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "item", which)
        if found:
            row, saw = found
            values = {"y": float(self.world.fresh()[1:])} | ({"x": float(self.world.fresh()[1:])} if both else {})
            self.world.set_fields(laptop, Item, {row: values}, {("item", row.bytes): saw})

    def price(self, who: int, which: int) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "cost", which)
        if found:
            row, saw = found
            self.world.set_fields(laptop, Cost, {row: {"fen": int(self.world.fresh()[1:])}}, {("cost", row.bytes): saw})

    def create(self, who: int, customer: str, *, whole: bool) -> None:
        laptop = self.member(who)
        made = plan(self.world.fresh(), customer=customer)
        rows: list[Any] = [made]
        if whole:
            part = item(made.id, x=float(self.world.fresh()[1:]), y=0.0)
            rows += [part]
            if laptop.user != self.world.arena.users[1]:
                rows.append(Cost(id=part.id, fen=int(self.world.fresh()[1:]), **stamps()))
        self.world.write(
            laptop, {}, lambda session: add_in_order(session, rows), (("plan", made.id.bytes), "name", made.name)
        )

    def add_part(self, who: int, which: int) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found:
            made = item(found[0], x=float(self.world.fresh()[1:]), y=0.0)
            self.world.write(laptop, {}, lambda session: session.add(made), (("item", made.id.bytes), "x", made.x))

    def edit_first(self, who: int) -> None:
        self.edit(who % LAPTOPS)

    def delete(self, who: int, which: int, *, part: bool) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "item" if part else "plan", which)
        if not found:
            return
        row, values = found
        plans = [] if part else [row]
        items = [row] if part else [i for i, held in self.world.look(laptop, "item") if held["plan_id"] == row.hex]
        saw: Saw = {("item" if part else "plan", row.bytes): values}
        for kind in ("item", "cost"):
            saw.update({(kind, i.bytes): held for i, held in self.world.look(laptop, kind) if i in items})
        if not part:
            saw["plan", row.bytes]["tags"] = json.loads(values["tags"])

        def work(session: Any) -> None:
            for model, ids in ((Cost, items), (Item, items), (Plan, plans)):
                for one in ids:
                    record = session.get(model, one)
                    if record is not None:
                        session.delete(record)
                session.flush()

        self.world.write(laptop, saw, work)

    def move(self, who: int, by: int) -> None:
        laptop = self.member(who)
        made = Move(id=uuid7(), what="lamp", by=by, n=laptop.one("SELECT coalesce(max(n), 0) + 1 FROM move"))
        self.world.write(laptop, {}, lambda session: session.add(made), (("move", made.id.bytes), "by", by))

    def decide(self, who: int, which: int, *, forged: bool) -> None:
        laptop = self.member(who)
        found = self.pick(laptop, "plan", which)
        if found:
            row, saw = found
            made = uuid7()
            key = self.world.arena.keys[laptop.user]
            signature = shop_decisions.signed(key, made, row, saw["name"] + ("!" if forged else ""))
            if forged:
                self.world.forged.add(made.bytes)
            record = Decision(id=made, plan_id=row, saw=saw["name"], signature=signature)
            self.world.write(
                laptop, {}, lambda session: session.add(record), (("decision", made.bytes), "saw", saw["name"])
            )

    # --- the inbox ---------------------------------------------------------------------------------------------------------------

    def settle_inbox(self, who: int, which: int, *, mine: bool) -> None:
        laptop = self.member(who)
        entries = laptop.replica.inbox()
        if not entries:
            return
        entry = entries[which % len(entries)]
        if not mine:
            laptop.replica.settle([entry.id])
            return
        key = (entry.row_kind, entry.row_id)
        # Who deletes again sees the row as it is now.
        shown = COLUMNS.get(entry.row_kind, ()) if entry.op == "delete" else entry.mine
        names = ", ".join(n for n in shown if n in shop.REGISTRY[entry.row_kind].columns)
        now = laptop.see(f"SELECT {names or 'id'} FROM {entry.row_kind} WHERE id = ?", entry.row_id.hex())
        saw: Saw = {key: {"theirs": entry.theirs}}
        if now:
            saw[key] |= dict(zip(names.split(", "), now[0], strict=True)) if names else {}
            if entry.op == "delete" and "tags" in saw[key]:
                saw[key]["tags"] = json.loads(saw[key]["tags"])
        try:
            laptop.replica.reapply([entry.id])
        except InboxProblem as problem:
            CAME[problem.code] += 1
            return
        if entry.op == "create":
            self.world.recreated.add(entry.row_id)
        CAME["applied again"] += 1
        self.world.note(laptop, saw)

    # --- the network -------------------------------------------------------------------------------------------------------------

    def push(self, who: int, process: int) -> None:
        self.world.push(self.member(who), "", process)

    def push_badly(self, who: int, fault: str, process: int, cut: float) -> None:
        self.world.push(self.member(who), fault, process, cut)

    def pull(self, who: int, limit: int, process: int) -> None:
        self.world.pull(self.member(who), "", limit, process)

    def pull_badly(self, who: int, fault: str, process: int, cut: float) -> None:
        self.world.pull(self.member(who), fault, 2, process, cut)

    def sync(self, who: int, *, confirm: bool) -> None:
        self.world.round(self.member(who), confirm=confirm)

    def late(self, which: int) -> None:
        self.world.late(which)

    # --- fate --------------------------------------------------------------------------------------------------------------------

    def crash(self, who: int, what: str, statement: int, *, full: bool) -> None:
        laptop = self.member(who)
        deeds = {
            "edit": partial(self.edit_two, who, 0),
            "create": partial(self.create, who, "1", whole=True),
            "delete": partial(self.delete, who, 1, part=False),
            "push": partial(self.world.push, laptop, ""),
            "pull": partial(self.world.pull, laptop, ""),
            "inbox": partial(self.settle_inbox, who, 0, mine=True),
        }
        with self.world.trouble(laptop, statement, full=full):
            deeds[what]()
        if what == "inbox":
            self.world.note(laptop, {})

    def server_crash(self, who: int, statement: int, *, full: bool, pulls: bool) -> None:
        laptop = self.member(who)
        with self.world.server_trouble(statement, full=full):
            if pulls:
                self.world.pull(laptop, "")
            else:
                self.world.push(laptop, "")

    def server_restart(self, again: int) -> None:
        for _ in range(again):
            self.world.start_server()

    def purge(self, back: int) -> None:
        core = self.world.cores[0]
        core.purge_to(max(0, core.refresh(force=True) - back))

    def keep_backup(self, *, verified: bool) -> None:
        world = self.world
        if verified and not world.imaged:
            core = world.cores[0]
            core.durable(core.refresh(force=True))
        if world.backup is None or verified:
            world.backup = world.backup or sqlite3.connect(":memory:")
            world.arena.server.backup(world.backup)

    def restore(self, *, rights: bool) -> None:
        world = self.world
        if world.imaged or world.backup is None:  # both put back: both copies of a change may be gone
            return
        world.restored = True
        world.now += dt.timedelta(hours=1)
        for core in world.cores:
            core.close()
        known = world.commits()
        world.backup.backup(world.arena.server)
        world.lose(known - world.commits())
        world.start_server()
        world.cores[0].new_epoch("restored")
        if rights:
            world.cores[0].regrant()
        CAME["restored"] += 1

    def take_image(self, who: int) -> None:
        image = self.world.images.setdefault(who, sqlite3.connect(":memory:"))
        self.member(who).seat.eyes.backup(image)

    def put_image_back(self, who: int, source: int, *, new: bool) -> None:
        """What lived on that disk only is gone with it; all else must survive, and what is written next, too. The third laptop is the
        first person's, so his image may be put on it: a cloned profile."""
        world = self.world
        source = source if world.arena.users[source] == world.arena.users[who] else who
        if world.restored or source not in world.images:
            return
        world.imaged = True
        laptop = self.member(who)
        world.excused |= {
            row[0] for row in laptop.see("SELECT commit_id FROM sync_outbox UNION SELECT commit_id FROM sync_inbox")
        }
        world.lost_inbox += laptop.see("SELECT mine, row_id FROM sync_inbox")
        world.images[source].backup(laptop.seat.eyes)
        laptop.start(laptop.replica.registry)
        laptop.mark()
        if new or source != who:
            laptop.replica.new_device(uuid7())
        CAME["image put back"] += 1

    def rights(self, which: int, process: int) -> None:
        world = self.world
        ben = world.arena.users[1]
        world.domain.staff[ben] = RIGHTS[which % len(RIGHTS)]
        world.cores[process].regrant([ben])

    def clock(self, who: int, years: int) -> None:
        self.member(who).now_us += years * YEAR_US

    def update(self, who: int) -> None:
        """A laptop's program is updated; the fourth time the server's."""
        world = self.world
        if who == LAPTOPS:
            world.domain.registry = NEW
            world.start_server()
        else:
            self.member(who).start(NEW)


ARGUMENTS: Mapping[str, dict[str, Any]] = {
    "edit": {"at": st.integers(0, 6 * LAPTOPS - 1)},
    "edit_first": {"who": WHO},
    "edit_two": {"who": WHO, "which": WHICH},
    "edit_text": {"who": WHO, "which": WHICH, "line": WHICH, "instead": st.booleans()},
    "tag": {"who": WHO, "which": WHICH, "away": WHICH},
    "state": {"who": WHO, "which": WHICH},
    "number": {"who": WHO, "which": WHICH, "number": st.sampled_from([*NUMBERS, None])},
    "forbidden": {"who": WHO, "which": WHICH},
    "to_customer": {"who": WHO, "which": WHICH, "customer": CUSTOMER},
    "place": {"who": WHO, "which": WHICH, "both": st.booleans()},
    "price": {"who": WHO, "which": WHICH},
    "create": {"who": WHO, "customer": CUSTOMER, "whole": st.booleans()},
    "add_part": {"who": WHO, "which": WHICH},
    "delete": {"who": WHO, "which": WHICH, "part": st.booleans()},
    "move": {"who": WHO, "by": st.integers(-3, 3)},
    "decide": {"who": WHO, "which": WHICH, "forged": st.sampled_from([False, False, False, True])},
    "settle_inbox": {"who": WHO, "which": WHICH, "mine": st.booleans()},
    "push": {"who": WHO, "process": PROCESS},
    "push_badly": {"who": WHO, "fault": PUSH_FAULTS, "process": PROCESS, "cut": CUT},
    "pull": {"who": WHO, "limit": st.sampled_from([1, 2, 99]), "process": PROCESS},
    "pull_badly": {"who": WHO, "fault": PULL_FAULTS, "process": PROCESS, "cut": CUT},
    "sync": {"who": WHO, "confirm": st.booleans()},
    "late": {"which": WHICH},
    "crash": {
        "who": WHO,
        "what": st.sampled_from(["edit", "create", "delete", "push", "pull", "inbox"]),
        "statement": STATEMENT,
        "full": st.booleans(),
    },
    "server_crash": {"who": WHO, "statement": STATEMENT, "full": st.booleans(), "pulls": st.booleans()},
    "server_restart": {"again": st.integers(1, 2)},
    "purge": {"back": st.sampled_from([0, 0, 3])},
    "keep_backup": {"verified": st.booleans()},
    "restore": {"rights": st.booleans()},
    "take_image": {"who": WHO},
    "put_image_back": {"who": WHO, "source": WHO, "new": st.booleans()},
    "rights": {"which": WHICH, "process": PROCESS},
    "clock": {"who": WHO, "years": st.sampled_from([-1, 1])},
    "update": {"who": st.integers(0, LAPTOPS)},
}
EVERYTHING = {deed: 1 for deed in ARGUMENTS if deed != "edit_first"} | {
    "edit": 3,
    "edit_two": 2,
    "push": 3,
    "pull": 3,
    "sync": 2,
}
MUST_COME = ("applied", "conflicts", "rejected", "held", "restored", "image put back", "applied again")
# A deed that would do nothing is not offered.
ONLY_IF = {
    "late": lambda self: bool(self.world.requests or self.world.answers),
    "restore": lambda self: self.world.backup is not None and not self.world.imaged,
    "put_image_back": lambda self: bool(self.world.images) and not self.world.restored,
    "update": lambda self: (
        any(one.replica.registry is OLD for one in self.world.laptops) or self.world.domain.registry is OLD
    ),
}


def _counted(name: str) -> Any:
    deed = getattr(Deeds, name)

    def step(self: Any, **given: Any) -> None:
        STEPS[name] += 1
        try:
            deed(self, **given)
        except BaseException:
            self.failed = True
            raise

    step.__name__ = name
    return step


def walk(name: str, weights: Mapping[str, int] = EVERYTHING) -> type[Walk]:
    """A machine of deeds, each as many times among the rules as WEIGHTS says."""
    body: dict[str, Any] = {}
    for deed, times in weights.items():
        for n in range(times):
            made = rule(**ARGUMENTS[deed])(_counted(deed))
            if deed in ONLY_IF:
                made = precondition(ONLY_IF[deed])(made)
            body[f"{deed}_{n}"] = made
    return type(name, (Walk, Deeds), body)


__all__ = ["CAME", "EVERYTHING", "MUST_COME", "STEPS", "Walk", "walk"]
