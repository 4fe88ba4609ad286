"""What a replica gets: changes since its cursor, rows of scopes that it was given, rows that it lost. From memory or from one snapshot.

Between two answers of one chain (`more`) the server keeps nothing; what it must remember travels in `place`:
since: the last cursor at which the replica had everything — deltas are made against it, since a page may pass over a row that changed
again behind it. covered: grants up to this seq have been delivered. begun: head when the first load began (0: none going on).
segments: scope → rows up to this seq came in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from sync import columns, wire
from sync.kinds import Registry
from sync.server import storage
from sync.server.caller import SyncError
from sync.server.ring import Exit, Ring, visible
from sync.server.storage import Clock, Entity
from sync.wire import Exit as WireExit
from sync.wire import Page, PullAnswer, Row, Segment

_PAGE_FROM = 8  # rows of one kind from which columns are smaller than rows
MAX_LIMIT = 20_000
_SHARED = 512  # encoded answers kept for others with the same scopes and cursor

OfferSegments = Callable[[Connection, Clock, Iterable[str]], dict[str, Segment]]


class Place(msgspec.Struct, array_like=True):
    """Where a chain of answers stands."""

    since: int
    covered: int
    begun: int = 0
    segments: dict[str, int] = {}

    def pack(self) -> bytes:
        """As it travels."""
        return msgspec.msgpack.encode(self)


def place_of(data: bytes, cursor: int) -> Place:
    """The place that a client sent back; without one its replica is complete at CURSOR."""
    if not data:
        return Place(cursor, cursor)
    try:
        found = msgspec.msgpack.decode(data, type=Place)
    except (msgspec.DecodeError, ValueError) as error:
        raise SyncError("sync.place", 400) from error
    if min(found.since, found.covered, found.begun) < 0:
        raise SyncError("sync.place", 400)
    return found


class Puller:
    """Answers pulls of one organisation."""

    def __init__(self, registry: Registry, ring: Ring, segments: OfferSegments) -> None:
        self.registry = registry
        self.ring = ring
        self.segments = segments
        self._encoded: dict[tuple[bytes, int, Clock, frozenset[str] | None, int], bytes] = {}

    # --- from memory ----------------------------------------------------------------------------------------------------------

    def from_ring(self, user: bytes, epoch: bytes, cursor: int, limit: int) -> PullAnswer | None:
        """The answer to a replica that is nearly up to date; None when the database must be asked."""
        ring = self.ring
        with ring.lock:
            clock = ring.clock
            held = ring.held(user)
            if epoch != clock.epoch or cursor <= 0 or cursor > clock.seq or held is None:
                return None
            if ring.regranted(user) > cursor:
                return None
            if cursor == clock.seq:
                return _answer(clock, cursor)
            found = ring.since(cursor)
        if found is None:
            return None
        rows = [one for one in found[0] if visible(one.scope, held)]
        if len(rows) > limit:
            return None
        answer = _answer(clock, clock.seq)
        answer.exits = _exits(found[1], held, lambda key: self._scope_in_ring(key))
        self._fill(answer, rows, cursor)
        return answer

    def complete(self, user: bytes, epoch: bytes, cursor: int) -> bool:
        """Whether a replica at CURSOR, rights included, has all there is."""
        ring = self.ring
        with ring.lock:
            clock = ring.clock
            known = epoch == clock.epoch and 0 < cursor == clock.seq and ring.held(user) is not None
            return known and ring.regranted(user) <= cursor

    def encoded(self, user: bytes, epoch: bytes, cursor: int, limit: int) -> bytes | None:
        """`from_ring` as bytes; people with the same scopes and cursor share one answer."""
        ring = self.ring
        held = ring.held(user)
        key = (epoch, cursor, ring.clock, held, limit)
        found = self._encoded.get(key)
        if found is not None and ring.regranted(user) <= cursor:
            return found
        answer = self.from_ring(user, epoch, cursor, limit)
        if answer is None:
            return None
        data = wire.encode(answer)
        if answer.head == key[2].seq and held is not None:
            if len(self._encoded) >= _SHARED:
                self._encoded.clear()
            self._encoded[key] = data
        return data

    def _scope_in_ring(self, key: storage.Key) -> str:
        one = self.ring.row(key)
        return one.scope if one is not None else ""

    # --- from the database ----------------------------------------------------------------------------------------------------

    def from_snapshot(
        self, connection: Connection, user: bytes, epoch: bytes, cursor: int, limit: int, data: bytes
    ) -> PullAnswer:
        """The same, and everything else, in CONNECTION's transaction, which sees one moment."""
        clock = storage.read_clock(connection)
        history = storage.grant_history(connection, user)
        held = {scope: since for scope, since, until in history if until is None}
        self.ring.keep_held(user, frozenset(held), clock.seq)
        if epoch != clock.epoch:
            return self._first(connection, clock, held, limit)
        if cursor > clock.seq:
            raise SyncError("sync.server_went_back", 409, head=clock.seq)
        place = place_of(data, cursor)
        if cursor <= 0 or (place.begun or cursor) < clock.floor:
            return self._first(connection, clock, held, limit)
        return self._next(connection, clock, history, held, cursor, limit, place)

    def _first(self, connection: Connection, clock: Clock, held: Mapping[str, int], limit: int) -> PullAnswer:
        """The replica begins again."""
        offered = self.segments(connection, clock, held)
        covered = {scope: one.seq for scope, one in offered.items()}
        place = Place(0, clock.seq, max(clock.seq, 1), covered)
        answer = self._rows(connection, clock, held, held, 0, limit, place)
        answer.reset = True
        answer.segments = list(offered.values())
        answer.scopes = sorted(held)
        return answer

    def _next(
        self,
        connection: Connection,
        clock: Clock,
        history: list[tuple[str, int, int | None]],
        held: dict[str, int],
        cursor: int,
        limit: int,
        place: Place,
    ) -> PullAnswer:
        given = {scope for scope, since in held.items() if since > place.covered}
        taken = {scope for scope, _, until in history if until is not None and until > place.covered}
        old = {scope: since for scope, since in held.items() if scope not in given}
        answer = self._rows(connection, clock, held, old, cursor, limit, place)
        if given or taken:
            answer.scopes = sorted(held)
            self._regranted(connection, clock, answer, held, given, taken, place.since)
            if taken:
                self._moved_before(connection, clock, answer, held, taken, cursor)
        return answer

    def _regranted(
        self,
        connection: Connection,
        clock: Clock,
        answer: PullAnswer,
        held: Mapping[str, int],
        given: set[str],
        taken: set[str],
        since: int,
    ) -> None:
        """Scopes lost leave row by row; scopes given come whole, before the cursor passes the grant. What was deleted in a scope that was
        taken and given again in between is still on the laptop: its tombstone goes along."""
        answer.exits += [WireExit(scope) for scope in sorted(taken - held.keys())]
        lost = storage.rows_between(connection, dict.fromkeys(taken, 0), 0, clock.seq)
        answer.exits += [WireExit(one.scope, one.kind, one.id) for one in lost if not visible(one.scope, held)]
        rows = storage.rows_between(connection, dict.fromkeys(given, 0), 0, clock.seq, living=True)
        again = storage.rows_between(connection, dict.fromkeys(given & taken, 0), since, clock.seq)
        rows += [one for one in again if one.state.deleted]
        here = {(row.kind, row.id) for row in answer.rows}
        self._fill(answer, [one for one in rows if one.key not in here], -1)

    @staticmethod
    def _moved_before(
        connection: Connection, clock: Clock, answer: PullAnswer, held: Iterable[str], taken: Iterable[str], cursor: int
    ) -> None:
        """Rows that left a scope since CURSOR which was taken, too: they are in none of his scopes and stood in one that he had."""
        exits = storage.exits_between(connection, cursor, clock.seq)
        now = storage.load(connection, [(kind, key) for _, key, kind, _ in exits]) if exits else {}
        told = {(one.kind, one.id) for one in answer.exits}
        for _, row_id, kind, left in exits:
            key = (kind, row_id)
            scope = now[key].scope if key in now else ""
            if key not in told and visible(left, taken) and not visible(scope, held):
                told.add(key)
                answer.exits.append(WireExit(left, kind, row_id))

    def _rows(
        self,
        connection: Connection,
        clock: Clock,
        held: Mapping[str, int],
        scopes: Mapping[str, int],
        cursor: int,
        limit: int,
        place: Place,
    ) -> PullAnswer:
        """One page of rows: whole commits only."""
        floors = {scope: place.segments.get(scope, 0) for scope in scopes}
        rows = storage.rows_between(connection, floors, cursor, clock.seq, limit + 1)
        end = clock.seq
        if len(rows) > limit:
            last = rows[limit].state.seq
            kept = [one for one in rows if one.state.seq < last]
            if kept:
                rows, end = kept, last - 1
            else:  # one commit larger than a page
                rows, end = storage.rows_between(connection, floors, cursor, last), last
        answer = _answer(clock, end)
        answer.more = end < clock.seq
        exits = storage.exits_between(connection, cursor, end)
        if place.begun:
            exits = [left for left in exits if left[0] > place.begun or place.segments]
            rows = [one for one in rows if not (one.state.deleted and self._never_sent(one, place))]
        if exits:
            now = storage.load(connection, [(kind, key) for _, key, kind, _ in exits])
            answer.exits = _exits(exits, held, lambda key: now[key].scope if key in now else "")
        self._fill(answer, rows, place.since)
        if answer.more:
            answer.place = Place(place.since, clock.seq, place.begun, place.segments).pack()
        return answer

    @staticmethod
    def _never_sent(one: Entity, place: Place) -> bool:
        """A tombstone that is older than the first load, of a row that came in no file."""
        return one.state.seq <= place.begun and not visible(one.scope, place.segments)

    def _fill(self, answer: PullAnswer, rows: list[Entity], since: int) -> None:
        """ROWS into the answer: columns where many are whole, changed fields where the replica has the row, tombstones."""
        whole: dict[str, list[Entity]] = {}
        for one in rows:
            state = one.state
            if state.deleted:
                answer.rows.append(Row(one.kind, one.id, state.seq, {}, True, True))
            elif state.born > since or one.scope_seq > since:
                whole.setdefault(one.kind, []).append(one)
            else:
                answer.rows.append(Row(one.kind, one.id, state.seq, state.changed_since(since), False))
        for name, found in whole.items():
            if len(found) < _PAGE_FROM:
                answer.rows += [Row(name, one.id, one.state.seq, one.state.fields) for one in found]
            else:
                answer.pages.append(page_of(name, found))


def page_of(kind: str, rows: Iterable[Entity]) -> Page:
    """Living rows of one kind as columns."""
    return Page(kind, columns.encode([(one.id, one.state.seq, one.state.fields) for one in rows]))


def _answer(clock: Clock, cursor: int) -> PullAnswer:
    return PullAnswer(clock.epoch, clock.epoch_no, clock.epoch_start, cursor, clock.seq, durable=clock.durable)


def _exits(exits: Iterable[Exit], held: Iterable[str], scope_of: Callable[[Any], str]) -> list[WireExit]:
    """Rows that left a scope of this user and are in none of his now."""
    found: dict[storage.Key, str] = {}
    for _, key, kind, scope in exits:
        if visible(scope, held):
            found[(kind, key)] = scope
    return [
        WireExit(scope, kind, key) for (kind, key), scope in found.items() if not visible(scope_of((kind, key)), held)
    ]
