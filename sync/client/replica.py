"""The laptop's replica: everything that sync does to its database. Each method is one transaction, so a crash at any statement
leaves the state before or after it (the first load: one transaction a file, begun again when it was cut)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine

from sync import wire
from sync.client import inbox
from sync.client.book import Book, Edit, Key, chunks, commit_of, marks, pack, unpack
from sync.client.capture import Capture
from sync.client.incoming import Incoming
from sync.client.raw import run
from sync.client.reapplying import reapply
from sync.client.rows import typed
from sync.client.tables import APPLYING, CONFLICT, HELD, REJECTED, REVOKED, SENT, WAITING
from sync.ids import uuid_of
from sync.kinds import Registry
from sync.overlay import Truth
from sync.wire import CommitResult, Exit, Page, PullAnswer, PushAnswer, PushRequest, Segment

PUSH_CHANGES, PUSH_BYTES = 2_000, 1_000_000
GUARD_ROWS, GUARD_SHARE = 500, 0.20
MAX_LOG = 500
_MAX_SEGMENT = 1 << 30
# The log is emptied between two answers; nobody waits for it longer than this.
_SCRUB_MS = 100

Ref = tuple[str, UUID]
OnApplied = Callable[[Connection, frozenset[Ref]], None]


@dataclass(frozen=True)
class Position:
    """Where the replica stands in the server's order; sent with a pull."""

    epoch: bytes = b""
    cursor: int = 0
    place: bytes = b""


@dataclass(frozen=True)
class Applied:
    """What came of an answer. `asks`: kind → rows that would be deleted; nothing was done and a person must agree (`confirm`)."""

    refs: frozenset[Ref] = frozenset()
    more: bool = False
    stale: bool = False
    asks: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """Counts for the corner of the window."""

    waiting: int
    held: int
    foreign: int
    inbox: int
    quarantine: int
    resetting: bool
    connected: bool
    position: Position


class _Asks(Exception):
    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts


class Replica:
    """The sync state of one workspace. ON_APPLIED runs inside the transaction, with the rows whose view changed."""

    def __init__(
        self,
        engine: Engine,
        registry: Registry,
        *,
        capture: Capture | None = None,
        on_applied: OnApplied | None = None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self.engine = engine
        self.registry = registry
        self.capture = capture or Capture(registry, now_us)
        self.on_applied = on_applied
        self.now_us = now_us
        self._lock = threading.RLock()
        self._to_scrub = False

    @contextmanager
    def transaction(self) -> Iterator[Book]:
        """The one way to write: at once the writer, foreign keys off (rows come in any order), triggers told who is writing."""
        with self._lock, self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                book = Book(connection, self.registry)
                book.put(**{APPLYING: True})
                yield book
                book.put(**{APPLYING: None})
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                connection.rollback()

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """A look without changing anything."""
        with self.engine.connect() as connection:
            yield Book(connection, self.registry)

    # --- who and where --------------------------------------------------------------------------------------------------------

    def connect(self, *, device: UUID, user: UUID, server: str, organisation: str, **facts: Any) -> None:
        """From now on own changes are captured. FACTS: more for sync_meta (wire values)."""
        with self.transaction() as book:
            held = book.facts()
            if held.get("organisation", organisation) != organisation:
                raise ValueError("sync.other_organisation")
            given = {"server": server, "organisation": organisation, **facts}
            book.put(device=device.bytes, user=user.bytes, schema=self.registry.schema_version, **given)

    def disconnect(self) -> None:
        """Own changes are no longer captured; outbox and inbox stay."""
        with self.transaction() as book:
            book.put(device=None)

    def new_device(self, device: UUID) -> None:
        """A copied profile or an image put back gets an identity of its own; the outbox stays, commit ids keep it harmless."""
        with self.transaction() as book:
            book.put(device=device.bytes)

    def facts(self) -> dict[str, Any]:
        """Everything in sync_meta."""
        with self.reading() as book:
            return book.facts()

    def position(self) -> Position:
        """To be sent with the next pull. A program that knows more columns than the one that loaded begins again."""
        with self.reading() as book:
            return self._position(book)

    def _position(self, book: Book) -> Position:
        facts = book.facts()
        if facts.get("lost") or facts.get("loaded_schema", self.registry.schema_version) < self.registry.schema_version:
            return Position(facts.get("epoch", b""), 0)
        return Position(facts.get("epoch", b""), facts.get("cursor", 0), facts.get("place", b""))

    def status(self) -> Status:
        """Counts for the window; one read."""
        with self.reading() as book:
            facts = book.facts()
            user = facts.get("user", b"")
            states = {
                (state, own == 1): n
                for state, own, n in book.connection.exec_driver_sql(
                    "SELECT state, user_id = ?, count(*) FROM sync_outbox GROUP BY 1, 2", (user,)
                )
            }
            inbox_open = book.connection.exec_driver_sql(
                "SELECT count(*) FROM sync_inbox WHERE state = 'open'"
            ).scalar_one()
            kept = book.connection.exec_driver_sql("SELECT count(*) FROM sync_quarantine").scalar_one()
            return Status(
                states.get((WAITING, True), 0) + states.get((SENT, True), 0),
                states.get((HELD, True), 0),
                sum(n for (_, own), n in states.items() if not own),
                int(inbox_open),
                int(kept),
                bool(facts.get("resetting")),
                "device" in facts,
                self._position(book),
            )

    def offer_existing(self, without: Collection[str] = ()) -> int:
        """Rows made before the workspace had a server become creates, at most 500 a commit; how many rows. WITHOUT: kinds that stay."""
        total = 0
        with self.transaction() as book:
            user = book.get("user")
            for kind in self.registry:
                if kind.name in without:
                    continue
                rows = typed(kind, book.connection)
                ids = [bytes.fromhex(row[0]) for row in book.connection.exec_driver_sql(rows.ids_sql)]
                masked = book.masked(kind.name, ids)
                for part in chunks([row_id for row_id in ids if row_id not in masked]):
                    held = rows.read(book.connection, part)
                    edits = [
                        Edit(kind.name, row_id, "create", {}, fields)
                        for row_id, (fields, seq) in held.items()
                        if seq == 0
                    ]
                    if edits and (kind.numbered or not book.get("epoch")):
                        book.record(self.capture.header(book, user), edits)
                        total += len(edits)
        return total

    # --- push -----------------------------------------------------------------------------------------------------------------

    def take_push(self, changes: int = PUSH_CHANGES, size: int = PUSH_BYTES) -> PushRequest | None:
        """The oldest own commits of the user who is logged in, marked as sent; None when there are none. They stay in the outbox.

        Nothing overtakes a commit that the server could not judge yet (held): later ones may rest on it. As soon as there is something to
        send the oldest held one goes alone, to ask whether the server can by now.
        """
        with self.transaction() as book:
            facts = book.facts()
            user = facts.get("user", b"")
            found = list(
                run(
                    book.connection,
                    "SELECT n, payload, changes, size, state FROM sync_outbox WHERE state IN (?, ?, ?) AND user_id = ?"
                    " AND EXISTS(SELECT 1 FROM sync_outbox WHERE state IN (?, ?) AND user_id = ?) ORDER BY n LIMIT ?",
                    (WAITING, SENT, HELD, user, WAITING, SENT, user, changes),
                )
            )
            taken: list[Any] = []
            for row in found:
                if row[4] == HELD:
                    taken = taken or [row]
                    break
                changes -= row[2]
                size -= row[3]
                if taken and (changes < 0 or size < 0):
                    break
                taken.append(row)
            if not taken:
                return None
            fresh = [(SENT, row[0]) for row in taken if row[4] != SENT]
            if fresh:
                run(book.connection, "UPDATE sync_outbox SET state = ? WHERE n = ?", fresh)
            commits = [commit_of(row[1]) for row in taken]
            return PushRequest(wire.PROTOCOL, facts["device"], facts.get("epoch", b""), commits)

    def retry_held(self) -> None:
        """Offer again what the server could not judge: once a day, and when it was updated."""
        with self.transaction() as book:
            run(book.connection, "UPDATE sync_outbox SET state = ? WHERE state = ?", (WAITING, HELD))

    def acknowledged(self, answer: PushAnswer) -> Applied:
        """The server's answer to a push. An answer of another epoch, or to commits that are settled, changes nothing."""
        with self.transaction() as book:
            if answer.epoch != book.get("epoch", b""):
                return Applied(stale=True)
            incoming = Incoming(book)
            ids = [result.id for result in answer.results]
            held: dict[bytes, int] = {}
            for part in chunks(ids):
                sql = f"SELECT commit_id, n FROM sync_outbox WHERE commit_id IN ({marks(part)})"
                held.update((row[0], row[1]) for row in run(book.connection, sql, tuple(part)))
            cursor = 0 if book.get("place") or book.get("resetting") else book.get("cursor", 0)
            for result in answer.results:
                n = held.pop(result.id, None)
                if n is not None:
                    self._settle(book, incoming, n, result, cursor)
            incoming.retry_quarantine()  # what own changes covered may now stand in each other's way: no news may come for long
            self._durable(book, answer.durable)
            return self._done(book, incoming)

    def _settle(self, book: Book, incoming: Incoming, n: int, result: CommitResult, cursor: int) -> None:
        if result.status == "held":
            later = "UPDATE sync_outbox SET state = ? WHERE n = ? OR (n > ? AND state = ?)"
            run(book.connection, later, (HELD, n, n, WAITING))
            return
        run(book.connection, "UPDATE sync_outbox SET state = ? WHERE state = ? AND n > ?", (WAITING, HELD, n))
        if result.status == "rejected":
            inbox.refused(book, n, REJECTED, result.refusals, self.now_us())
            run(book.connection, "DELETE FROM sync_outbox WHERE n = ?", (n,))
            incoming.refresh(book.drop_pending([n]))
            return
        for conflict in result.conflicts:
            inbox.conflicted(book, n, CONFLICT, conflict, self.now_us())
        covered = result.seq <= cursor
        run(
            book.connection,
            "INSERT OR REPLACE INTO sync_settled"
            " (n, commit_id, user_id, hlc, schema, epoch, payload, changes, size, at, seq, covered)"
            " SELECT n, commit_id, user_id, hlc, schema, epoch, payload, changes, size, at, ?, ? FROM sync_outbox WHERE n = ?",
            (result.seq, int(covered), n),
        )
        run(book.connection, "DELETE FROM sync_outbox WHERE n = ?", (n,))
        if covered:
            incoming.refresh(book.drop_pending([n]))

    def _durable(self, book: Book, durable: int) -> None:
        durable = max(durable, book.get("durable", 0))
        book.put(durable=durable)
        book.connection.exec_driver_sql("DELETE FROM sync_settled WHERE covered = 1 AND seq <= ?", (durable,))

    # --- pull -----------------------------------------------------------------------------------------------------------------

    def apply(
        self,
        answer: PullAnswer,
        asked: Position,
        fetch: Callable[[Segment], bytes] | None = None,
        *,
        confirm: bool = False,
    ) -> Applied:
        """Take an answer to the pull that was ASKED at this position; FETCH brings the files of a first load.

        An answer to another position (late, repeated) changes nothing. Raises WireError for damaged bytes.
        """
        refs: frozenset[Ref] = frozenset()
        if answer.reset:
            with self.transaction() as book:
                if self._position(book) != asked:
                    return Applied(stale=True)
                self._begin_again(book, answer)
                asked = self._position(book)
            for segment in answer.segments:
                if fetch is None:
                    raise ValueError("files need a way to be fetched")
                refs |= self.load_segment(fetch(segment))
        try:
            with self.transaction() as book:
                if self._position(book) != asked:
                    return Applied(stale=True)
                incoming = Incoming(book)
                self._guard(book, incoming, answer, confirm)
                self._take(book, incoming, answer)
                done = self._done(book, incoming)
        except _Asks as asks:
            return Applied(asks=asks.counts)
        self._to_scrub |= bool(answer.exits) or answer.reset
        if self._to_scrub:
            self._scrub()
        return Applied(done.refs | refs, answer.more)

    def _scrub(self) -> None:
        """What left is readable in the write-ahead log no more; when a reader holds that up it is tried again with the next answer."""
        with self.engine.connect() as connection:
            patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_SCRUB_MS}")
            try:
                self._to_scrub = bool(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0])
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience)}")
                connection.rollback()

    def load_segment(self, data: bytes) -> frozenset[Ref]:
        """One file of the first load."""
        pages = wire.decode(data, list[Page], _MAX_SEGMENT)
        with self.transaction() as book:
            incoming = Incoming(book)
            for page in pages:
                incoming.page(page)
            return self._done(book, incoming).refs

    def _take(self, book: Book, incoming: Incoming, answer: PullAnswer) -> None:
        self._exits(book, incoming, answer.exits)
        for page in answer.pages:
            incoming.page(page)
        incoming.rows(answer.rows)
        book.put(
            epoch=answer.epoch,
            epoch_number=answer.epoch_number,
            epoch_start=answer.epoch_start,
            cursor=answer.cursor,
            place=answer.place or None,
        )
        if answer.scopes:
            book.put(scopes=answer.scopes)
        if answer.more:
            return
        if incoming.resetting:
            self._forget_unnamed(book, incoming)
        # A page may pass over a row that changed again behind it: own changes stay on top until the chain of answers is complete.
        covered = [
            row[0]
            for row in book.connection.exec_driver_sql(
                "UPDATE sync_settled SET covered = 1 WHERE covered = 0 AND seq <= ? RETURNING n", (answer.cursor,)
            )
        ]
        incoming.refresh(book.drop_pending(covered))
        incoming.retry_quarantine()
        self._durable(book, answer.durable)

    def _done(self, book: Book, incoming: Incoming) -> Applied:
        incoming.finish()
        if incoming.lost:
            book.put(lost=True)
        refs = frozenset((kind, uuid_of(row_id)) for kind, row_id in incoming.refs)
        if refs and self.on_applied is not None:
            self.on_applied(book.connection, refs)
        return Applied(refs)

    # --- beginning again ------------------------------------------------------------------------------------------------------

    def _begin_again(self, book: Book, answer: PullAnswer) -> None:
        """Everything held becomes a question; what the answer and its files do not name is gone in the end."""
        facts = book.facts()
        known = facts.get("epoch", b"")
        if known:
            for kind in self.registry:
                table = typed(kind, book.connection)
                where = " WHERE sync_seq > 0" if kind.numbered else ""
                ids = [(kind.name, bytes.fromhex(r[0])) for r in book.connection.exec_driver_sql(table.ids_sql + where)]
                self._question(book, ids)
            self._question(
                book, [tuple(r) for r in book.connection.exec_driver_sql("SELECT kind, id FROM sync_quarantine")]
            )
            sql = "SELECT kind, id FROM sync_base WHERE gone = 0"
            self._question(book, [tuple(r) for r in book.connection.exec_driver_sql(sql)])
        if known and known != answer.epoch:
            self._offer_again(book)
            for kind in self.registry:
                if kind.numbered:
                    book.connection.exec_driver_sql(f"UPDATE {typed(kind, book.connection).table} SET sync_seq = 0")
            book.connection.exec_driver_sql("UPDATE sync_base SET seq = 0")
            book.put(durable=None)
        book.put(
            resetting=True,
            lost=None,
            loaded_schema=self.registry.schema_version,
            epoch=answer.epoch,
            epoch_number=answer.epoch_number,
            epoch_start=answer.epoch_start,
            cursor=0,
            place=None,
        )

    @staticmethod
    def _question(book: Book, keys: Sequence[tuple[Any, ...]]) -> None:
        if keys:
            sql = "INSERT OR IGNORE INTO sync_unnamed (kind, id) VALUES (?, ?)"
            book.connection.exec_driver_sql(sql, list(keys))

    def _offer_again(self, book: Book) -> None:
        """The server was put back: what it had acknowledged and no verified backup covers is offered again (rule 6)."""
        found = list(book.connection.exec_driver_sql("SELECT n, payload FROM sync_settled ORDER BY n"))
        book.connection.exec_driver_sql(
            "INSERT OR IGNORE INTO sync_outbox (n, commit_id, user_id, hlc, schema, epoch, payload, changes, size, state, at)"
            f" SELECT n, commit_id, user_id, hlc, schema, epoch, payload, changes, size, '{WAITING}', at FROM sync_settled"
        )
        book.connection.exec_driver_sql("DELETE FROM sync_settled")
        for n, payload in found:
            commit = commit_of(payload)
            for change in commit.changes:
                if change.kind not in self.registry or book.masked(change.kind, [change.id]):
                    continue
                table = typed(self.registry[change.kind], book.connection)
                row = table.read(book.connection, [change.id]).get(change.id)
                truth = Truth(0, {}, True) if row is None else Truth(0, row[0])
                book.put_truths(change.kind, {change.id: truth})
            book.add_pending(n, commit, {})

    def _forget_unnamed(self, book: Book, incoming: Incoming) -> None:
        left = [(kind, row_id) for kind, row_id in book.connection.exec_driver_sql("SELECT kind, id FROM sync_unnamed")]
        incoming.rows([wire.Row(kind, row_id, 0, {}, True, True) for kind, row_id in left])
        for kind, row_id in left:  # whether it is gone or this person may not see it any more is not said
            inbox.redact(book, kind, row_id)
        book.connection.exec_driver_sql("DELETE FROM sync_unnamed")
        book.put(resetting=None)

    # --- what leaves ----------------------------------------------------------------------------------------------------------

    def _guard(self, book: Book, incoming: Incoming, answer: PullAnswer, confirm: bool) -> None:
        """A server that wants most of a kind deleted has perhaps lost it: ask first. Rights that were taken are no question."""
        if confirm:
            return
        gone: list[Key] = [(row.kind, row.id) for row in answer.rows if row.gone]
        if incoming.resetting and not answer.more:
            named = {(row.kind, row.id) for row in answer.rows if not row.gone}
            gone += [
                (kind, row_id)
                for kind, row_id in book.connection.exec_driver_sql("SELECT kind, id FROM sync_unnamed")
                if (kind, row_id) not in named
            ]
            for page in answer.pages if gone else ():
                named_ids = set(_ids_of(page))
                gone = [key for key in gone if key[0] != page.kind or key[1] not in named_ids]
        if len(gone) <= GUARD_ROWS:
            return
        counts = {
            kind: n
            for kind, n in incoming.held(gone).items()
            if n > GUARD_ROWS and n > GUARD_SHARE * incoming.count(kind)
        }
        if counts:
            raise _Asks(counts)

    def _exits(self, book: Book, incoming: Incoming, exits: Iterable[Exit]) -> None:
        """Rows that this person may not hold any more; unsent work on them goes to the inbox first."""
        keys = [(one.kind, one.id) for one in exits if one.kind in self.registry]
        for kind, row_id in keys:
            sql = (
                "SELECT p.n FROM sync_pending p JOIN sync_outbox o ON o.n = p.n"
                " WHERE p.kind = ? AND p.id = ? AND o.state <> ? ORDER BY p.n"
            )
            for (n,) in list(book.connection.exec_driver_sql(sql, (kind, row_id, SENT))):
                inbox.refused(book, n, REVOKED, [], self.now_us())
                book.connection.exec_driver_sql("DELETE FROM sync_outbox WHERE n = ?", (n,))
                incoming.refresh(book.drop_pending([n]))
            book.connection.exec_driver_sql("DELETE FROM sync_pending WHERE kind = ? AND id = ?", (kind, row_id))
            book.drop_truths(kind, [row_id])
            book.connection.exec_driver_sql("DELETE FROM sync_unnamed WHERE kind = ? AND id = ?", (kind, row_id))
            inbox.redact(book, kind, row_id)
        if keys:
            _forget_sent(book, frozenset(keys))
        incoming.remove(keys)

    # --- inbox ----------------------------------------------------------------------------------------------------------------

    def inbox(self, *, open_only: bool = True, limit: int = 1000) -> list[inbox.Entry]:
        """Entries, the newest first."""
        with self.reading() as book:
            return inbox.entries(book, open_only=open_only, limit=limit)

    def settle(self, ids: Sequence[int], outcome: str = "theirs") -> int:
        """Close entries without a change: "theirs" (take theirs), "dropped", "asked". How many were open."""
        with self.transaction() as book:
            return inbox.settle(book, ids, outcome, self.now_us())

    def of_commit(self, commit: bytes) -> list[int]:
        """Open entries of one commit: for a decision about all of it."""
        with self.reading() as book:
            return inbox.of_commit(book, commit)

    def reapply(self, ids: Sequence[int], fields: Sequence[str] | None = None) -> Applied:
        """My values again, as one new commit whose author has seen theirs; closes the entries.

        Raises InboxProblem sync.row_gone, sync.entry_settled, sync.nothing_to_apply.
        """
        with self.transaction() as book:
            return self._done(book, reapply(book, self.capture, ids, fields, self.now_us())[1])

    # --- history --------------------------------------------------------------------------------------------------------------

    def log(self, *, pushed: int, pulled: int, sent: int, received: int, ms: int, error: str = "") -> None:
        """Remember a round; only the last ones are kept."""
        with self.transaction() as book:
            book.connection.exec_driver_sql(
                "INSERT INTO sync_log (at, pushed, pulled, sent_bytes, received_bytes, ms, error) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self.now_us(), pushed, pulled, sent, received, ms, error),
            )
            book.connection.exec_driver_sql(
                "DELETE FROM sync_log WHERE n <= (SELECT max(n) FROM sync_log) - ?", (MAX_LOG,)
            )


def _forget_sent(book: Book, gone: frozenset[tuple[str, bytes]]) -> None:
    """What the server has taken is kept for the day it comes back from a backup; not of rows that this person may not hold."""
    for n, payload in list(book.connection.exec_driver_sql("SELECT n, payload FROM sync_settled")):
        commit = commit_of(payload)
        kept = [change for change in commit.changes if (change.kind, change.id) not in gone]
        if not kept:
            book.connection.exec_driver_sql("DELETE FROM sync_settled WHERE n = ?", (n,))
        elif len(kept) < len(commit.changes):
            left = pack(msgspec.structs.replace(commit, changes=kept))
            book.connection.exec_driver_sql(
                "UPDATE sync_settled SET payload = ?, changes = ?, size = ? WHERE n = ?",
                (left, len(kept), len(left), n),
            )


def _ids_of(page: Page) -> list[bytes]:
    from sync import columns

    return columns.decode(page.columns).ids


__all__ = ["Applied", "Position", "Replica", "Status", "pack", "unpack"]
