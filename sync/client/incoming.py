"""The server's word enters the laptop's database: truth goes under own changes, rows that cannot be taken are kept as they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy.exc import IntegrityError

from sync import columns, overlay
from sync.client.book import Book, Key, chunks, marks, pack, unpack
from sync.client.raw import run, scalar
from sync.client.rows import hex_id, typed
from sync.kinds import SyncKind
from sync.overlay import Own, Truth
from sync.wire import Page, Row

_BAD = (TypeError, ValueError, OverflowError, IntegrityError)


class Incoming:
    """One transaction's worth of the server's word. `refs`: rows whose view may have changed; `lost`: a part came of a row that is
    not here, so the replica must begin again."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.connection = book.connection
        self.registry = book.registry
        self.refs: set[Key] = set()
        self.lost = False
        self.resetting = bool(book.get("resetting", False))
        self._mend: set[str] = set()

    # --- rows as they come ----------------------------------------------------------------------------------------------------

    def page(self, page: Page) -> None:
        """Whole rows of one kind as columns. Raises WireError."""
        if page.kind not in self.registry:
            return  # of a newer server: comes with the load that follows an update of the program
        found = columns.decode(page.columns)
        if found.lacking:
            for row_id, seq, fields in found.rows():
                self.whole(page.kind, [row_id], [seq], {name: [value] for name, value in fields.items()})
        else:
            self.whole(page.kind, found.ids, found.seqs, found.columns)

    def rows(self, rows: Sequence[Row]) -> None:
        """Rows one by one: whole, changed fields, or gone."""
        together: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
        parts: list[Row] = []
        for row in rows:
            if row.kind not in self.registry:
                continue
            if row.whole and not row.gone:
                together.setdefault((row.kind, tuple(row.fields)), []).append(row)
            else:
                parts.append(row)
        self._parts(parts)
        for (kind, names), group in together.items():
            values = {name: [row.fields[name] for row in group] for name in names}
            self.whole(kind, [row.id for row in group], [row.seq for row in group], values)

    def whole(self, name: str, ids: Sequence[bytes], seqs: Sequence[int], values: Mapping[str, Sequence[Any]]) -> None:
        """Whole living rows."""
        kind = self.registry[name]
        self._named(name, ids)
        masked = self.book.masked(name, ids)
        if masked:
            under: dict[bytes, Truth] = {}
            for n in (n for n, row_id in enumerate(ids) if row_id in masked):
                under[ids[n]] = Truth(seqs[n], {column: given[n] for column, given in values.items()})
            self.book.put_truths(name, under)
            self.refresh((name, row_id) for row_id in under)
            rest = [n for n, row_id in enumerate(ids) if row_id not in masked]
            ids, seqs = [ids[n] for n in rest], [seqs[n] for n in rest]
            values = {column: [given[n] for n in rest] for column, given in values.items()}
        if ids:
            self._write(kind, ids, seqs, values)

    def _write(
        self, kind: SyncKind, ids: Sequence[bytes], seqs: Sequence[int], values: Mapping[str, Sequence[Any]]
    ) -> None:
        table = typed(kind, self.connection)
        self.refs.update(zip(repeat(kind.name), ids, strict=False))
        fresh = not table.exists(self.connection)
        try:
            table.upsert(self.connection, ids, seqs, values, fresh=fresh and kind.fill is None)
        except _BAD as error:
            if len(ids) == 1:
                fields = {column: given[0] for column, given in values.items()}
                self._quarantine(kind.name, ids[0], seqs[0], fields, error)
                return
            for n, row_id in enumerate(ids):
                self._write(kind, [row_id], [seqs[n]], {column: [given[n]] for column, given in values.items()})

    def _parts(self, rows: Sequence[Row]) -> None:
        """Changed fields of rows, and rows that are gone. Those that nothing holds back go in together, by kind and by which fields they change."""
        ids: dict[str, list[bytes]] = {}
        for row in rows:
            ids.setdefault(row.kind, []).append(row.id)
        apart: set[Key] = set()
        for kind, named in ids.items():
            self._named(kind, named)
            apart.update((kind, row_id) for row_id in (self.book.masked(kind, named) | self._waits(kind, named)))
            if len(set(named)) < len(named):
                apart.update((kind, row_id) for row_id in named)
        together: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
        for row in rows:
            if row.gone or (row.kind, row.id) in apart:
                self._part(row)
            else:
                together.setdefault((row.kind, tuple(row.fields)), []).append(row)
        for (kind, names), group in together.items():
            self._update_all(self.registry[kind], names, group)

    def _part(self, row: Row) -> None:
        if self.book.masked(row.kind, [row.id]):
            old = self.book.truths(row.kind, [row.id])[row.id]
            truth = Truth(row.seq, {}, True) if row.gone else Truth(row.seq, {**old.fields, **row.fields})
            self.book.put_truths(row.kind, {row.id: truth})
            self.refresh([(row.kind, row.id)])
        elif row.gone:
            self.remove([(row.kind, row.id)])
        else:
            self._update(row)

    def _update_all(self, kind: SyncKind, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Rows that change the same fields: one statement for all, or, where one of them cannot be taken, each alone."""
        table = typed(kind, self.connection)
        if len(rows) > 1:
            run(self.connection, "SAVEPOINT parts")
            try:
                values = {name: [row.fields[name] for row in rows] for name in names}
                done = table.update_all(self.connection, [row.id for row in rows], [row.seq for row in rows], values)
            except _BAD:
                done = False
            if not done:
                run(self.connection, "ROLLBACK TO parts")
            run(self.connection, "RELEASE parts")
            if done:
                self.refs.update((kind.name, row.id) for row in rows)
                return
        for row in rows:
            self._update(row)

    def _update(self, row: Row) -> None:
        kept = self._kept(row.kind, row.id)
        if kept is not None:
            fields = {**kept, **row.fields}
            self._write(self.registry[row.kind], [row.id], [row.seq], {name: [v] for name, v in fields.items()})
            return
        self.refs.add((row.kind, row.id))
        kind = self.registry[row.kind]
        table = typed(kind, self.connection)
        try:
            if not table.update(self.connection, row.id, row.fields, row.seq):
                self.lost = True
        except _BAD as error:
            fields, _ = table.read(self.connection, [row.id])[row.id]
            self._quarantine(row.kind, row.id, row.seq, {**fields, **row.fields}, error)

    def _named(self, kind: str, ids: Sequence[bytes]) -> None:
        if self.resetting:
            rows = [(kind, row_id) for row_id in ids]
            run(self.connection, "DELETE FROM sync_unnamed WHERE kind = ? AND id = ?", rows)

    # --- what cannot be taken -------------------------------------------------------------------------------------------------

    def _quarantine(self, kind: str, row_id: bytes, seq: int, fields: Mapping[str, Any], error: Exception) -> None:
        run(
            self.connection,
            "INSERT INTO sync_quarantine (kind, id, seq, raw, error) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id)"
            " DO UPDATE SET seq = excluded.seq, raw = excluded.raw, error = excluded.error",
            (kind, row_id, seq, pack(dict(fields)), type(error).__name__),
        )

    def _waits(self, kind: str, ids: Sequence[bytes]) -> set[bytes]:
        """Those of IDS that wait in quarantine."""
        if not scalar(self.connection, "SELECT EXISTS(SELECT 1 FROM sync_quarantine)"):
            return set()
        found: set[bytes] = set()
        for part in chunks(ids):
            sql = f"SELECT id FROM sync_quarantine WHERE kind = ? AND id IN ({marks(part)})"
            found.update(row[0] for row in run(self.connection, sql, (kind, *part)))
        return found

    def _kept(self, kind: str, row_id: bytes) -> dict[str, Any] | None:
        sql = "SELECT raw FROM sync_quarantine WHERE kind = ? AND id = ?"
        raw = scalar(self.connection, sql, (kind, row_id))
        return None if raw is None else unpack(raw)

    def retry_quarantine(self) -> None:
        """Rows that were in each other's way may fit by now: each alone, then those of a kind together."""
        for kind, row_id, seq, raw in self._waiting():
            held = typed(self.registry[kind], self.connection).read(self.connection, [row_id]).get(row_id)
            self._release(kind, row_id)
            # A row of the same seq may still be what an own change made of it, which is settled by now.
            if held is None or held[1] <= seq:
                self._write(self.registry[kind], [row_id], [seq], {name: [v] for name, v in unpack(raw).items()})
        left: dict[str, list[tuple[bytes, int, dict[str, Any]]]] = {}
        for kind, row_id, seq, raw in self._waiting():
            left.setdefault(kind, []).append((row_id, seq, unpack(raw)))
        for kind, rows in left.items():
            if len(rows) > 1:
                self._exchange(self.registry[kind], rows)

    def _waiting(self) -> list[tuple[str, bytes, int, bytes]]:
        rows = list(run(self.connection, "SELECT kind, id, seq, raw FROM sync_quarantine"))
        return [row for row in rows if row[0] in self.registry and not self.book.masked(row[0], [row[1]])]

    def _exchange(self, kind: SyncKind, rows: Sequence[tuple[bytes, int, dict[str, Any]]]) -> None:
        """Rows that took something unique from each other (two numbers changed places): all go, all come. Or nothing happens."""
        table = typed(kind, self.connection)
        before = table.read(self.connection, [row_id for row_id, _, _ in rows])
        run(self.connection, "SAVEPOINT exchange")
        try:
            table.delete(self.connection, before)
            for row_id, seq, fields in rows:
                if row_id in before:
                    now = before[row_id][0]
                    fields |= {name: max(fields.get(name) or 0, (now.get(name) or 0) + 1) for name in table.counters}
                table.upsert(
                    self.connection, [row_id], [seq], {name: [v] for name, v in fields.items()}, own_counters=True
                )
        except _BAD:
            run(self.connection, "ROLLBACK TO exchange")
            run(self.connection, "RELEASE exchange")
            return
        run(self.connection, "RELEASE exchange")
        for row_id, _, _ in rows:
            self._release(kind.name, row_id)
            self.refs.add((kind.name, row_id))

    def _release(self, kind: str, row_id: bytes) -> None:
        run(self.connection, "DELETE FROM sync_quarantine WHERE kind = ? AND id = ?", (kind, row_id))

    # --- what a person sees ---------------------------------------------------------------------------------------------------

    def refresh(self, keys: Iterable[Key]) -> None:
        """Write the view of rows anew from truth and own changes; truth that nothing masks any more becomes the row itself."""
        by_kind: dict[str, list[bytes]] = {}
        for name, row_id in set(keys):
            by_kind.setdefault(name, []).append(row_id)
        for name, ids in by_kind.items():
            truths, own = self.book.truths(name, ids), self.book.own(name, ids)
            now = typed(self.registry[name], self.connection).read(self.connection, ids)
            for row_id in ids:
                truth = truths.get(row_id)
                if truth is not None:
                    self._show(self.registry[name], row_id, truth, own.get(row_id, []), now.get(row_id))
            self.book.drop_truths(name, [row_id for row_id in ids if row_id not in own])

    def _show(
        self, kind: SyncKind, row_id: bytes, truth: Truth, own: Sequence[Own], now: tuple[dict[str, Any], int] | None
    ) -> None:
        fields = overlay.view(kind, truth, [held.change for held in own])
        self.refs.add((kind.name, row_id))
        if fields is None:
            typed(kind, self.connection).delete(self.connection, [row_id])
            self._mend.add(kind.name)
            return
        if now is not None:
            fields = self._stamped(kind, fields, now[0], len(own))
        values = {name: [value] for name, value in fields.items()}
        try:
            typed(kind, self.connection).upsert(
                self.connection, [row_id], [0 if truth.gone else truth.seq], values, own_counters=True
            )
        except _BAD as error:
            if not own:
                self._quarantine(kind.name, row_id, truth.seq, fields, error)

    def _stamped(self, kind: SyncKind, fields: dict[str, Any], now: dict[str, Any], own: int) -> dict[str, Any]:
        """Counters never fall and grow whenever the row changes, so that a draft made from another content is found out."""
        table = typed(kind, self.connection)
        found = dict(fields)
        same = all(now.get(name) == fields.get(name) for name in kind.columns if name not in table.stamps)
        for name in table.stamps:
            if name in table.counters:
                held = now.get(name) or 0
                found[name] = max((fields.get(name) or 0) + own, held if same else held + 1)
            elif own and now.get(name) is not None:
                found[name] = now[name]
        return found

    # --- what leaves ----------------------------------------------------------------------------------------------------------

    def remove(self, keys: Iterable[Key]) -> None:
        """Rows that are gone, with all that was kept of their truth."""
        by_kind: dict[str, list[bytes]] = {}
        for name, row_id in keys:
            by_kind.setdefault(name, []).append(row_id)
            self._release(name, row_id)
        for name, ids in by_kind.items():
            typed(self.registry[name], self.connection).delete(self.connection, ids)
            self.refs.update((name, row_id) for row_id in ids)
            self._mend.add(name)

    def held(self, keys: Iterable[Key]) -> dict[str, int]:
        """How many rows of each kind are here, of KEYS."""
        by_kind: dict[str, list[bytes]] = {}
        for name, row_id in keys:
            if name in self.registry:
                by_kind.setdefault(name, []).append(row_id)
        return {
            name: len(typed(self.registry[name], self.connection).present(self.connection, ids))
            for name, ids in by_kind.items()
        }

    def count(self, name: str) -> int:
        """How many rows of a kind are here."""
        return typed(self.registry[name], self.connection).count(self.connection)

    def finish(self) -> None:
        """Make whole what removals tore."""
        for name in sorted(self._mend):
            mend = self.registry[name].mend
            if mend is not None:
                mend(self.connection)


__all__ = ["Incoming", "hex_id"]
