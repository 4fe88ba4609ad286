"""Whether all is well at the end of a walk: everybody equal, nothing waiting, no change vanished in silence, stock right, nobody holds a
row outside his scope.

A write is not lost when it is what the server has, when it stands in an inbox (or with the server among what was not applied), or when
whoever wrote over it, or deleted the row, had it on screen.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

import msgspec
import zstandard

from sync.client.book import unpack
from sync.server.ring import visible
from sync.wire import Change, Commit, CommitResult
from tests.sync import shop
from tests.sync.universe import NEW, World

TRACKED = {"plan": ("name",), "item": ("x", "y"), "cost": ("fen",)}
Write = tuple[str, bytes, str, Any]  # kind, row, field, value
_commit = msgspec.msgpack.Decoder(Commit).decode
_result = msgspec.msgpack.Decoder(CommitResult).decode
ROUNDS = 6


class Log:
    """The server's commits: what became of each."""

    def __init__(self, world: World) -> None:
        rows = world.arena.server.execute("SELECT id, seq, result, payload FROM sync_commit ORDER BY seq").fetchall()
        self.seq: dict[bytes, int] = {row[0]: row[1] for row in rows if row[1]}
        self.result: dict[bytes, CommitResult] = {row[0]: _result(row[2]) for row in rows}
        self.kept = [_commit(zstandard.decompress(row[3])) for row in rows if row[3]]
        self.order = [row[0] for row in rows if row[1]]

    def __contains__(self, commit: bytes) -> bool:
        return commit in self.result

    def took(self, commit: bytes, change: Change) -> bool:
        """Whether CHANGE of COMMIT was applied, to the last field."""
        result = self.result.get(commit)
        if result is None or result.status in ("rejected", "held"):
            return False
        return not any((c.kind, c.id) == (change.kind, change.id) for c in result.conflicts)


def check(world: World, came: Counter[str]) -> None:
    """Everybody syncs; then everything must hold."""
    settle(world)
    wrong = world.cores[0].check()
    assert wrong == [], wrong
    log = Log(world)
    for result in log.result.values():
        came[result.status] += 1
    came.update(world.came)
    came["asked"] += world.asked
    converged(world)
    scopes(world)
    arrived(world, log)
    nothing_vanished(world, log)
    members_kept(world, log)
    nothing_came_back(world, log)
    last_writer(world, log)
    decisions(world)
    stamps(world)


def settle(world: World) -> None:
    """Everybody syncs until all is quiet: it must become quiet."""
    while world.requests or world.answers:
        world.late(0)
    world.domain.registry = NEW
    world.start_server()
    world.cores[0].regrant()
    for _ in range(ROUNDS):
        for laptop in world.laptops:
            laptop.replica.retry_held()
            world.round(laptop, confirm=True)
        if not any(laptop.one("SELECT EXISTS(SELECT 1 FROM sync_outbox)") for laptop in world.laptops):
            break
    for laptop in world.laptops:
        world.round(laptop, confirm=True)


def converged(world: World) -> None:
    """Every laptop has the server's rows of its scopes, all of them and no other, and nothing waits."""
    server = world.arena.server
    entities = server.execute("SELECT kind, id, scope, seq FROM sync_entity WHERE NOT deleted").fetchall()
    contents: dict[str, dict[str, Any]] = {}
    for kind in shop.REGISTRY:
        names = ", ".join(_columns(kind))
        contents[kind.name] = {row[0]: row for row in server.execute(f"SELECT id, {names} FROM {kind.name}")}
    for laptop in world.laptops:
        for table in ("sync_outbox", "sync_pending", "sync_base", "sync_unnamed", "sync_quarantine"):
            assert laptop.see(f"SELECT * FROM {table}") == [], f"{table} is not empty"
        held = world.domain.staff[laptop.user]
        for kind in shop.REGISTRY:
            mine = {
                bytes(key).hex(): seq
                for name, key, scope, seq in entities
                if name == kind.name and visible(scope, held)
            }
            want = {key: (*row, mine[key]) for key, row in contents[kind.name].items() if key in mine}
            names = ", ".join(_columns(kind))
            seq = ", sync_seq" if kind.numbered else ""
            have = {row[0]: row for row in laptop.see(f"SELECT id, {names}{seq} FROM {kind.name}")}
            if not kind.numbered:
                want = {key: row[:-1] for key, row in want.items()}
            assert have.keys() <= want.keys(), f"a laptop holds a {kind.name} that it must not, or that is gone"
            differ = [(have.get(key), row) for key, row in want.items() if have.get(key) != row][:2]
            assert not differ, f"a laptop differs from the server in {kind.name}: {differ}"


def _columns(kind: Any) -> list[str]:
    """What must be the same everywhere; a laptop's version may be ahead."""
    return [name for name in kind.columns if name != "version"]


def scopes(world: World) -> None:
    """What somebody must not see does not stand in his inbox either."""
    rows = world.arena.server.execute("SELECT kind, id, scope FROM sync_entity WHERE NOT deleted")
    hidden = {(kind, key) for kind, key, scope in rows if not visible(scope, world.domain.staff[world.arena.users[1]])}
    for kind, row, theirs in world.laptops[1].see("SELECT row_kind, row_id, theirs FROM sync_inbox"):
        assert (kind, row) not in hidden or unpack(theirs) == {}, "an inbox shows what its owner may not see"


def arrived(world: World, log: Log) -> None:
    """Every commit reached the server or stands in an inbox; moves add up."""
    inboxes = {row[0] for laptop in world.laptops for row in laptop.see("SELECT commit_id FROM sync_inbox")}
    for commit_id in world.made:
        assert commit_id in log or commit_id in inboxes or commit_id in world.excused, (
            "a commit never reached the server"
        )
    total, rows = 0, 0
    for commit_id, written in world.made.items():
        for change in written.commit.changes:
            if change.kind == "move" and log.took(commit_id, change):
                total += change.fields["by"]
                rows += 1
    found = world.arena.server.execute('SELECT count(*), coalesce(sum("by"), 0) FROM move').fetchone()
    assert found == (rows, total), f"stock is {found}, not {(rows, total)}"


def nothing_vanished(world: World, log: Log) -> None:
    """Values of single fields."""
    seen: dict[Write, set[Any]] = defaultdict(set)
    roots: set[Write] = set()
    for commit_id, written in world.made.items():
        if commit_id in world.excused and commit_id not in log:
            continue
        for change in written.commit.changes:
            saw = written.saw.get((change.kind, change.id), {})
            fields = TRACKED.get(change.kind, ())
            if change.op == "delete":
                if log.took(commit_id, change):
                    roots |= {(change.kind, change.id, name, saw.get(name)) for name in fields}
                continue
            for name in fields:
                if name in change.fields:
                    seen[change.kind, change.id, name, change.fields[name]] |= {
                        saw.get(name),
                        saw.get("theirs", {}).get(name),
                    }
    for kind, names in TRACKED.items():
        for row in world.arena.server.execute(f"SELECT id, {', '.join(names)} FROM {kind}"):
            roots |= {(kind, UUID(row[0]).bytes, name, value) for name, value in zip(names, row[1:], strict=True)}
    roots |= {
        (kind, row, name, value)
        for kind in TRACKED
        for row, values in _shown(world, log)
        for name, value in values.items()
        if name in TRACKED[kind] and not isinstance(value, (dict, list))
    }
    reached: set[Write] = set()
    todo = list(roots)
    while todo:
        one = todo.pop()
        if one not in reached:
            reached.add(one)
            todo += [(*one[:3], value) for value in seen.get(one, ()) if value is not None]
    lost = [one for one in seen if one not in reached]
    assert not lost, f"vanished in silence: {[(k, r.hex()[-6:], n, v) for k, r, n, v in lost][:5]}"


def _shown(world: World, log: Log) -> list[tuple[bytes, dict[str, Any]]]:
    """What was not applied and can be read by somebody: in inboxes, and with the server whatever becomes of a laptop."""
    found = [
        (row, unpack(mine))
        for laptop in world.laptops
        for mine, row in laptop.see("SELECT mine, row_id FROM sync_inbox")
    ]
    found += [(row, unpack(mine)) for mine, row in world.lost_inbox]
    return found + [(change.id, dict(change.fields)) for commit in log.kept for change in commit.changes]


def members_kept(world: World, log: Log) -> None:
    """Lines of texts and tags: each is there, or somebody who saw it took it out, or it stands where it can be read."""
    added: dict[tuple[bytes, str], bytes] = {}
    removed: set[tuple[bytes, str]] = set()
    for commit_id, written in world.made.items():
        for change in written.commit.changes:
            if change.kind != "plan":
                continue
            took = log.took(commit_id, change)
            saw = written.saw.get((change.kind, change.id), {})
            if change.op == "delete" and took:
                removed |= {(change.id, m) for m in [*(saw.get("notes") or "").split(), *(saw.get("tags") or ())]}
            came, went = _members(change)
            if commit_id in log or commit_id not in world.excused:
                added.update({(change.id, m): commit_id for m in came})
            if took:
                removed |= {(change.id, m) for m in went}
                # Who puts his own text over theirs in the inbox has read theirs.
                read = _words((saw.get("theirs") or {}).get("notes")) if "notes" in change.fields else set()
                removed |= {(change.id, m) for m in read - came}
    there = {UUID(row[0]).bytes: {*row[1].split(), *json.loads(row[2])}
             for row in world.arena.server.execute("SELECT id, notes, tags FROM plan")}  # fmt: skip
    for row, values in _shown(world, log):
        there.setdefault(row, set()).update(*(_words(values.get(name)) for name in ("notes", "tags")))
    lost = [member for (row, member) in added if member not in there.get(row, ()) and (row, member) not in removed]
    assert not lost, f"lines or tags vanished in silence: {lost[:5]}"


def _members(change: Change) -> tuple[set[str], set[str]]:
    came: set[str] = set()
    went: set[str] = set()
    notes, tags = change.fields.get("notes"), change.fields.get("tags")
    if isinstance(notes, dict):
        old, new = set(notes["from"].split()), set(notes["to"].split())
        came |= new - old
        went |= old - new
    if isinstance(tags, dict):
        came |= set(tags["+"])
        went |= set(tags["-"])
    return came, went


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {word for part in value.values() for word in _words(part)}
    if isinstance(value, list):
        return set(value)
    return set(value.split()) if isinstance(value, str) else set()


def nothing_came_back(world: World, log: Log) -> None:
    """What was deleted stays deleted."""
    alive = {
        (kind, bytes(key))
        for kind, key in world.arena.server.execute("SELECT kind, id FROM sync_entity WHERE NOT deleted")
    }
    for commit_id, written in world.made.items():
        for change in written.commit.changes:
            if change.op == "delete" and log.took(commit_id, change) and change.id not in world.recreated:
                assert (change.kind, change.id) not in alive, "a deleted row came back"


def last_writer(world: World, log: Log) -> None:
    """Fields of class "last" and tags are what the applied commits make of them in their order."""
    states: dict[bytes, Any] = {}
    tags: dict[bytes, list[Any]] = {}
    for commit_id in log.order:
        written = world.made.get(commit_id)
        for change in written.commit.changes if written else ():
            if change.kind != "plan" or change.op == "delete" or not _not_gone(log, commit_id, change):
                continue
            if "state" in change.fields:
                states[change.id] = change.fields["state"]
            if isinstance(change.fields.get("tags"), dict):
                gone = change.fields["tags"]["-"]
                kept = [tag for tag in tags.get(change.id, []) if tag not in gone]
                tags[change.id] = kept + [tag for tag in change.fields["tags"]["+"] if tag not in kept]
    for key, state, held in world.arena.server.execute("SELECT id, state, tags FROM plan"):
        row = UUID(key).bytes
        assert states.get(row, "draft") == state, "an earlier writer's word stands"
        assert set(tags.get(row, ())) == set(json.loads(held)), "tags are not what was made of them"


def _not_gone(log: Log, commit: bytes, change: Change) -> bool:
    found = log.result[commit].conflicts
    return not any((c.kind, c.id) == (change.kind, change.id) and (c.gone or c.op == "create") for c in found)


def decisions(world: World) -> None:
    """Each decision is ruled on once, none is forged, and of each state of a plan at most one counts."""
    rows = world.arena.server.execute(
        "SELECT decision.id, plan_id, saw, outcome FROM decision LEFT JOIN ruling ON ruling.id = decision.id"
    ).fetchall()
    counting = [(about, saw) for _, about, saw, outcome in rows if outcome == "counts"]
    assert all(outcome for *_, outcome in rows), "a decision without a ruling"
    assert len(counting) == len(set(counting)), "two decisions count"
    assert not any(UUID(key).bytes in world.forged for key, *_ in rows), "a forged decision was taken"


def stamps(world: World) -> None:
    """A laptop's wrong clock moves no stamp past the server's time."""
    latest = world.arena.server.execute("SELECT max(updated_at) FROM plan").fetchone()[0]
    assert latest is None or latest <= world.now.strftime("%Y-%m-%d %H:%M:%S.%f"), "a row from the future"
