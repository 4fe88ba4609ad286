"""Faults that real products had, put into the real code one by one: a test of the tests. The fifteen names are those of the model in
which the protocol was first tried; the rest are our own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sync import merge, overlay
from sync.client.book import Book
from sync.client.capture import Capture
from sync.client.replica import Applied, Replica
from sync.ids import uuid7
from sync.server import storage, upkeep
from sync.server.pull import Puller
from sync.wire import PushAnswer
from tests.sync.walks import EVERYTHING

Patch = Callable[[pytest.MonkeyPatch], None]


def _no_idempotency(patch: pytest.MonkeyPatch) -> None:
    """A commit that comes twice is judged twice."""
    known, write = storage.known_commits, storage.write_commits

    def again(connection: Any, rows: Any) -> None:
        held = known(connection, [row[0] for row in rows])
        write(connection, [(uuid7().bytes if row[0] in held else row[0], *row[1:]) for row in rows])

    patch.setattr(storage, "known_commits", lambda connection, ids: {})
    patch.setattr(storage, "write_commits", again)


def _device_and_number(patch: pytest.MonkeyPatch) -> None:
    """A commit is known by its device and a counter."""
    real = Capture.header

    def header(self: Capture, book: Book, user: bytes) -> Any:
        sql = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'sync_outbox'"
        number = book.connection.exec_driver_sql(sql).scalar_one()
        named = hashlib.md5(book.get("device") + str(number).encode(), usedforsecurity=False).digest()
        return replace(real(self, book, user), id=named)

    patch.setattr(Capture, "header", header)


def _push_moves_cursor(patch: pytest.MonkeyPatch) -> None:
    real = Replica.acknowledged

    def acknowledged(self: Replica, answer: PushAnswer) -> Applied:
        found = real(self, answer)
        newest = max((result.seq for result in answer.results), default=0)
        with self.transaction() as book:
            if not found.stale and newest > book.get("cursor", 0):
                book.put(cursor=newest)
        return found

    patch.setattr(Replica, "acknowledged", acknowledged)


def _last_writer_wins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(merge._Knowledge, "group", lambda self, row, group: True)


def _forgets_outbox_at_once(patch: pytest.MonkeyPatch) -> None:
    """What was handed to the network is taken for delivered."""
    real = Replica.take_push

    def take(self: Replica, *args: Any) -> Any:
        request = real(self, *args)
        with self.transaction() as book:
            book.connection.exec_driver_sql("DELETE FROM sync_outbox WHERE state = 'sent'")
        return request

    patch.setattr(Replica, "take_push", take)


def _epoch_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """A server that was put back goes on as if nothing had happened."""
    real = Puller.from_snapshot

    def same(self: Puller, connection: Any, user: bytes, epoch: bytes, cursor: int, limit: int, data: bytes) -> Any:
        clock = storage.read_clock(connection)
        return real(self, connection, user, clock.epoch if epoch else epoch, min(cursor, clock.seq), limit, data)

    patch.setattr(Puller, "from_snapshot", same)
    patch.setattr(Puller, "from_ring", lambda *args: None)


def _bases_of_a_lost_epoch(patch: pytest.MonkeyPatch) -> None:
    """Numbers of a lost epoch are taken for numbers of this one."""
    patch.setattr(merge, "cap_of", lambda epoch, starts: merge.NO_CAP)
    patch.setattr(overlay.Epoch, "clamp", lambda self, base, epoch: base)


def _page_splits_commits(patch: pytest.MonkeyPatch) -> None:
    real = storage.rows_between

    def between(connection: Any, scopes: Any, after: int, upto: int, limit: int | None = None, **more: Any) -> Any:
        rows = real(connection, scopes, after, upto, limit, **more)
        if limit is None or len(rows) < limit:
            return rows
        last = rows[limit - 2]  # the last row that fits; the next one is made to look like one of a later commit
        if rows[limit - 1].state.seq == last.state.seq:
            state = replace(rows[limit - 1].state, seq=last.state.seq + 1)
            rows[limit - 1] = replace(rows[limit - 1], state=state)
        return rows

    patch.setattr(storage, "rows_between", between)


def _deleted_comes_back(patch: pytest.MonkeyPatch) -> None:
    """A set on a row that is gone makes one."""
    real = merge.merge

    def resurrect(kind: Any, row: Any, change: Any, seq: int, commit: bytes, cap: int = merge.NO_CAP) -> Any:
        if change.op == "set" and (row is None or row.deleted) and kind.name == "plan":
            fields = {"customer": "1", "name": "?", **change.fields}
            return real(kind, None, replace_change(change, fields), seq, commit, cap)
        return real(kind, row, change, seq, commit, cap)

    patch.setattr(merge, "merge", resurrect)


def replace_change(change: Any, fields: Mapping[str, Any]) -> Any:
    """The change as the create of a new row."""
    return type(change)(change.kind, change.id, "create", dict(fields), {}, change.own, False)


def _floor_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Who comes with a cursor from before a purge gets what there is."""
    real = Puller.from_snapshot

    def stale(self: Puller, connection: Any, user: bytes, epoch: bytes, cursor: int, limit: int, data: bytes) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            read = storage.read_clock
            inner.setattr(storage, "read_clock", lambda c: replace(read(c), floor=0))
            return real(self, connection, user, epoch, cursor, limit, data)

    patch.setattr(Puller, "from_snapshot", stale)


class _Knows:
    """Somebody who has seen everything."""

    def stamp(self, stamp: Any, name: str) -> bool:
        return True


def _blind_delete(patch: pytest.MonkeyPatch) -> None:
    real = merge._delete
    patch.setattr(merge, "_delete", lambda kind, row, change, know, *more: real(kind, row, change, _Knows(), *more))


def _base_is_the_cursor(patch: pytest.MonkeyPatch) -> None:
    real = Book.record

    def record(self: Book, header: Any, edits: Any) -> int:
        for edit in edits:
            edit.seq = self.get("cursor", 0)
        return real(self, header, edits)

    patch.setattr(Book, "record", record)


def _base_is_not_frozen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overlay, "_base", lambda name, seq, own, epoch: seq)


def _overlay_ends_with_the_answer(patch: pytest.MonkeyPatch) -> None:
    real = Replica._settle

    def settle(self: Replica, book: Any, incoming: Any, n: int, result: Any, cursor: int) -> None:
        real(self, book, incoming, n, result, cursor)
        incoming.refresh(book.drop_pending([n]))

    patch.setattr(Replica, "_settle", settle)


def _acknowledged_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def offer(self: Replica, book: Book) -> None:
        numbers = [row[0] for row in book.connection.exec_driver_sql("SELECT n FROM sync_settled")]
        book.drop_pending(numbers)
        book.connection.exec_driver_sql("DELETE FROM sync_settled")

    patch.setattr(Replica, "_offer_again", offer)


def _silent_refusal(patch: pytest.MonkeyPatch) -> None:
    """A set on a row that is gone is answered with: applied."""
    real = merge.merge

    def nothing(kind: Any, row: Any, change: Any, seq: int, commit: bytes, cap: int = merge.NO_CAP) -> Any:
        if change.op == "set" and (row is None or row.deleted):
            return merge.Merged(row)
        return real(kind, row, change, seq, commit, cap)

    patch.setattr(merge, "merge", nothing)


def _exits_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Replica, "_exits", lambda self, book, incoming, exits: None)


def _epochs_are_counted(patch: pytest.MonkeyPatch) -> None:
    """The same backup put back twice makes two epochs of one number. (The walks found this in our own code.)"""
    patch.setattr(upkeep, "_FIRST_SECOND", 1 << 40)


FIFTEEN: dict[str, Patch] = {
    "no_idempotency": _no_idempotency,
    "devno_idempotency": _device_and_number,
    "own_push_cursor": _push_moves_cursor,
    "lww": _last_writer_wins,
    "ack_early": _forgets_outbox_at_once,
    "no_epoch": _epoch_is_ignored,
    "epoch_base": _bases_of_a_lost_epoch,
    "half_commit": _page_splits_commits,
    "resurrect": _deleted_comes_back,
    "stale_cursor": _floor_is_ignored,
    "blind_delete": _blind_delete,
    "cursor_base": _base_is_the_cursor,
    "unfrozen_base": _base_is_not_frozen,
    "drop_overlay": _overlay_ends_with_the_answer,
    "forget_acked": _acknowledged_is_forgotten,
}
FAULTS: dict[str, Patch] = FIFTEEN | {
    "silent_refusal": _silent_refusal,
    "kept_after_revoke": _exits_are_ignored,
    "epoch_counted": _epochs_are_counted,
}
# Where a fault is rare among all that can happen, the walk looks where such faults live: the same deeds, fewer of them.
_PEOPLE = {"edit": 3, "edit_two": 1, "state": 1, "delete": 1, "push": 3, "pull": 2, "sync": 2}
_RESTORES = {"edit_first": 4, "push": 3, "sync": 2, "keep_backup": 1, "restore": 1}
FOCUS: dict[str, Mapping[str, int]] = {
    "no_idempotency": {"state": 3, "tag": 2, "push": 2, "push_badly": 4, "late": 2, "pull": 2, "sync": 2},
    "devno_idempotency": {"edit": 4, "push": 3, "sync": 2, "take_image": 2, "put_image_back": 2},
    "epoch_base": _RESTORES,
    "no_epoch": _RESTORES,
    "epoch_counted": _RESTORES,
    "forget_acked": _RESTORES,
    "half_commit": {"edit_two": 3, "edit": 1, "push": 2, "pull": 3, "server_restart": 1},
    "stale_cursor": {
        "delete": 2,
        "edit": 1,
        "create": 1,
        "push": 2,
        "pull": 2,
        "sync": 1,
        "purge": 2,
        "server_restart": 1,
    },
    "blind_delete": {"edit": 3, "delete": 2, "push": 3, "pull": 2, "sync": 1},
    "resurrect": {"edit": 3, "delete": 2, "push": 3, "pull": 2, "sync": 1, "purge": 1},
    "silent_refusal": {"edit": 3, "delete": 2, "push": 3, "pull": 2, "sync": 1, "purge": 1},
    "kept_after_revoke": EVERYTHING,
} | dict.fromkeys(("own_push_cursor", "lww", "ack_early", "cursor_base", "unfrozen_base", "drop_overlay"), _PEOPLE)

__all__ = ["FAULTS", "FIFTEEN", "FOCUS", "Patch"]
