"""One commit on its way into a batch: checks, merge, stamps, the judge, what he adds. Nothing of a refused commit stays."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from sync import codec, merge
from sync.kinds import Registry, SyncKind
from sync.merge import ALL, RowState
from sync.server import values
from sync.server.batch import Batch, python_values
from sync.server.caller import Caller
from sync.server.domain import CommitContext, Domain, Judged, Verdict
from sync.server.ring import visible
from sync.server.storage import Key
from sync.wire import Change, Commit, CommitResult, FieldConflict, Op, Refusal

_LOG = logging.getLogger("sync.server")
_US = 1_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass
class Task:
    """One commit that waits for its result. `stored`: the result was in the log already."""

    caller: Caller
    commit: Commit
    result: CommitResult | None = None
    stored: bool = False


@dataclass
class Draft:
    """What one commit does to one row, until the judge has spoken."""

    before: RowState | None
    after: RowState | None
    changed: set[str] = field(default_factory=set)


@dataclass
class Judging:
    """The state that judging shares over one transaction."""

    batch: Batch
    domain: Domain
    session: Session
    now: dt.datetime
    starts: Mapping[int, int]
    judged: list[Judged] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry: Registry = self.domain.registry
        self.now_us: int = (self.now - _EPOCH) // dt.timedelta(microseconds=1)

    def judge(self, task: Task, seq: int, held: Iterable[str]) -> CommitResult:
        """TASK's commit as number SEQ. HELD: the caller's scopes, asked only when he would be shown what others wrote."""
        commit = task.commit
        if commit.schema > self.registry.schema_version:
            return CommitResult(commit.id, "held")
        refusals = self._malformed(commit)
        if refusals:
            return CommitResult(commit.id, "rejected", refusals=refusals)
        drafts: dict[Key, Draft] = {}
        conflicts, refusals = self._merge(task, seq, drafts)
        if not refusals:
            refusals = self._hidden(task, conflicts, held)
        drafts = {key: draft for key, draft in drafts.items() if draft.changed}
        verdict = Verdict(refusals)
        if not refusals and drafts:
            verdict = self._decide(task, seq, drafts)
        if verdict.refusals:
            return CommitResult(commit.id, "rejected", refusals=verdict.refusals)
        for key, draft in drafts.items():
            assert draft.after is not None
            self.batch.put(key, draft.after, None if draft.after.deleted else self._python[key])
        self._add(verdict, task, seq, drafts)
        return CommitResult(commit.id, "conflicts" if conflicts else "applied", seq, conflicts)

    # --- checks ---------------------------------------------------------------------------------------------------------------

    def _malformed(self, commit: Commit) -> list[Refusal]:
        found: list[Refusal] = []
        for change in commit.changes:
            if change.kind not in self.registry:
                found.append(Refusal("sync.kind_unknown", change.kind[: values.MAX_NAME], change.id[:16]))
            else:
                found += values.refusals(self.registry[change.kind], change)
        return found

    def _hidden(self, task: Task, conflicts: list[FieldConflict], held: Iterable[str]) -> list[Refusal]:
        """A conflict shows what the server has: only to those who may see the row."""
        found = []
        for conflict in conflicts:
            if conflict.gone:
                continue
            slot = self.batch.slot((conflict.kind, conflict.id))
            if slot.entity is not None and not visible(slot.entity.scope, held):
                found.append(Refusal("sync.out_of_scope", conflict.kind, conflict.id))
        return found

    # --- merge ----------------------------------------------------------------------------------------------------------------

    def _merge(self, task: Task, seq: int, drafts: dict[Key, Draft]) -> tuple[list[FieldConflict], list[Refusal]]:
        commit = task.commit
        cap = merge.cap_of(commit.epoch, self.starts)
        conflicts: list[FieldConflict] = []
        refusals: list[Refusal] = []
        self._python: dict[Key, dict[str, Any]] = {}
        for change in commit.changes:
            kind = self.registry[change.kind]
            key = (change.kind, change.id)
            draft = drafts.get(key)
            if draft is None:
                state = self.batch.slot(key).state
                draft = drafts[key] = Draft(state, state)
            merged = merge.merge(kind, draft.after, change, seq, commit.id, cap)
            conflicts += merged.conflicts
            refusals += merged.refusals
            if merged.op is not None and merged.after is not None:
                draft.after = merged.after
                draft.changed |= merged.changed or {ALL}
                refusals += self._values(kind, draft, merged.op, change, task, seq)
        return conflicts, refusals

    def _values(self, kind: SyncKind, draft: Draft, op: Op, change: Change, task: Task, seq: int) -> list[Refusal]:
        """Stamps and Python values of the row as it becomes; why it cannot be."""
        after = draft.after
        assert after is not None
        key = (change.kind, change.id)
        if op == "delete":
            self._python.pop(key, None)
            return []
        stamped = self._stamp(kind, draft, after, task, seq)
        try:
            if op == "create":
                fields = after.fields
                for name, value in values.defaults(kind).items():
                    if name not in fields:
                        fields[name] = value
                for name in values.required(kind):
                    if fields[name] is None:
                        return [Refusal("sync.required", change.kind, change.id, name)]
                self._python[key] = codec.from_wire(kind, fields)
            else:
                base = self._python.get(key)
                if base is None:
                    base = self.batch.python(self.batch.slots[key], kind) or {}
                written = {name: after.fields[name] for name in change.fields if name in after.fields}
                self._python[key] = {**base, **codec.from_wire(kind, written | stamped)}
        except (ValueError, TypeError, OverflowError, ArithmeticError):
            return [Refusal("sync.value", change.kind, change.id)]
        return []

    # --- the judge ------------------------------------------------------------------------------------------------------------

    def _decide(self, task: Task, seq: int, drafts: dict[Key, Draft]) -> Verdict:
        changes = [self._judged(key, draft) for key, draft in drafts.items()]
        changes = [change for change in changes if change.before is not None or change.after is not None]
        if not changes:
            return Verdict()
        context = CommitContext(
            task.caller.user,
            task.caller.device,
            UUID(bytes=task.commit.id),
            self.now,
            task.caller.public_key,
            task.commit.signature,
        )
        try:
            if self.domain.needs_session(changes):
                self.batch.flush()
                self.session.expunge_all()
            verdict = self.domain.judge(self.session, context, changes)
        except DBAPIError:
            raise
        except Exception:  # noqa: BLE001 - a rule that fails must not stop the queue
            _LOG.exception("the judge failed", extra={"commit": task.commit.id.hex()})
            return Verdict([Refusal("sync.failed")])
        if not verdict.refusals:
            self.judged += changes
        return verdict

    def _judged(self, key: Key, draft: Draft) -> Judged:
        kind = self.registry[key[0]]
        before = None
        if draft.before is not None and not draft.before.deleted:
            before = self.batch.python(self.batch.slots[key], kind)
        after = None
        if draft.after is not None and not draft.after.deleted:
            after = dict(self._python[key])
        op: Op = "create" if before is None else "delete" if after is None else "set"
        changed = values.names(kind) if op == "create" else values.names(kind) & draft.changed
        return Judged(key[0], UUID(bytes=key[1]), op, before, after, changed)

    # --- stamps: kept by the server -------------------------------------------------------------------------------------------

    def _stamp(self, kind: SyncKind, draft: Draft, state: RowState, task: Task, seq: int) -> dict[str, Any]:
        """version + 1, when and by whom: never taken from the client as it says, never later than now. What was written."""
        old = draft.before.fields if draft.before is not None and not draft.before.deleted else None
        at = min(task.commit.hlc // 65536 * 1000, self.now_us)
        written = _stamps(kind, old, state.fields, at, task.caller.user.bytes, self.now_us)
        state.fields.update(written)
        if old is not None:
            state.fv.update(dict.fromkeys(written, (seq, task.commit.id)))
        return written

    # --- what the judge adds --------------------------------------------------------------------------------------------------

    def _add(self, verdict: Verdict, task: Task, seq: int, drafts: Mapping[Key, Draft]) -> None:
        keys = [(kind, row_id.bytes) for kind, row_id in verdict.amendments]
        self.batch.load([*keys, *((one.kind, one.id.bytes) for one in verdict.creates)])
        for one in verdict.creates:
            self._create(one.kind, one.id, one.values, task, seq)
        for (name, row_id), amended in verdict.amendments.items():
            self._amend((name, row_id.bytes), amended, task, seq, own=(name, row_id.bytes) in drafts)
        for (name, row_id), scope in verdict.scopes.items():
            slot = self.batch.slots.get((name, row_id.bytes))
            if slot is not None:
                slot.scope = scope

    def _create(self, name: str, row_id: UUID, given: Mapping[str, Any], task: Task, seq: int) -> None:
        kind = self.registry[name]
        key = (name, row_id.bytes)
        present = self.batch.slot(key).state
        if present is not None and not present.deleted:
            self._amend(key, given, task, seq, own=False)
            return
        fields = {**values.defaults(kind), **codec.to_wire(kind, given)}
        state = RowState(fields, {ALL: (seq, task.commit.id)}, seq)
        fields.update(_stamps(kind, None, fields, self.now_us, task.caller.user.bytes, self.now_us))
        python = python_values(kind, fields)
        self.batch.put(key, state, python)
        self.judged.append(Judged(name, row_id, "create", None, python, frozenset(kind.columns)))

    def _amend(self, key: Key, amended: Mapping[str, Any], task: Task, seq: int, *, own: bool) -> None:
        kind = self.registry[key[0]]
        slot = self.batch.slot(key)
        if slot.state is None or slot.state.deleted:
            return
        slot.rescoped = True
        slot.scope = None
        wire = codec.to_wire(kind, amended)
        written = {name: value for name, value in wire.items() if slot.state.fields.get(name) != value}
        if not written:
            slot.rescope_seq = seq
            return
        before = self.batch.python(slot, kind)
        if not own:
            at = self.now_us
            written |= _stamps(kind, slot.state.fields, slot.state.fields, at, task.caller.user.bytes, at)
        stamps = {**slot.state.fv, **dict.fromkeys(written, (seq, task.commit.id))}
        state = RowState({**slot.state.fields, **written}, stamps, seq)
        python = {**(before or {}), **codec.from_wire(kind, written)}
        self.batch.put(key, state, python)
        self.judged.append(Judged(key[0], UUID(bytes=key[1]), "set", before, python, frozenset(amended)))


def _stamps(
    kind: SyncKind, old: Mapping[str, Any] | None, given: Mapping[str, Any], at: int, actor: bytes, now: int
) -> dict[str, Any]:
    """Wire values of the stamp columns. OLD: the row before, None for a new one; GIVEN: what a new row came with."""
    offered: dict[str, Any] = {"updated_at": at, "updated_by": actor}
    if old is None:
        made = given.get("created_at")
        offered |= {"version": 1, "created_at": min(made, now) if isinstance(made, int) else at, "created_by": actor}
        updated = given.get("updated_at")
        if isinstance(updated, int):
            offered["updated_at"] = min(updated, now)
    else:
        offered["version"] = (old.get("version") or 0) + 1
    mine = values.stamps(kind)
    return {name: value for name, value in offered.items() if name in mine}
