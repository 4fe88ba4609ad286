"""One commit on its way into a batch: checks, merge, stamps, the judge, what he adds. Nothing of a refused commit stays."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from sync import codec, merge
from sync.kinds import Registry, SyncKind
from sync.merge import ALL, RowState, Stamp
from sync.server import values
from sync.server.batch import Batch, Slot
from sync.server.caller import Caller
from sync.server.domain import CommitContext, Domain, Judged, Verdict
from sync.server.ring import visible
from sync.server.storage import Key
from sync.server.typed import python_values
from sync.wire import Change, Commit, CommitResult, FieldConflict, Op, Refusal

_LOG = logging.getLogger("sync.server")
_EVERY = frozenset({ALL})
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_UNFIT = (
    ValueError,
    TypeError,
    OverflowError,
    ArithmeticError,
)  # what codec raises for a value that its column cannot hold


@dataclass
class Task:
    """One commit that waits for its result. `stored`: the result was in the log already."""

    caller: Caller
    commit: Commit
    result: CommitResult | None = None
    stored: bool = False


@dataclass(slots=True)
class Draft:
    """What one commit does to one row, until the judge has spoken. `python`: the values of `after`, once somebody has asked."""

    slot: Slot
    before: RowState | None
    after: RowState | None
    changed: Set[str] = frozenset()
    python: dict[str, Any] | None = None


class Unfit(Exception):
    """A row's values that its columns cannot hold."""

    def __init__(self, kind: str, row_id: bytes) -> None:
        super().__init__(kind)
        self.kind = kind
        self.row_id = row_id


def _alive(state: RowState | None) -> bool:
    return state is not None and not state.deleted


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
        self._sound = False

    def look_over(self, commits: Iterable[Commit]) -> None:
        """Ask the values of all COMMITS by columns. When nothing is wrong with any, `judge` need not ask them one by one."""
        alike: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
        for commit in commits:
            for change in commit.changes:
                alike.setdefault((change.kind, tuple(change.fields)), []).append(change)
        self._sound = all(
            kind in self.registry and values.sound(self.registry[kind], changes) for (kind, _), changes in alike.items()
        )

    def judge(self, task: Task, seq: int, held: Iterable[str]) -> CommitResult:
        """TASK's commit as number SEQ. HELD: the caller's scopes, asked only when he would be shown what others wrote."""
        commit = task.commit
        if commit.schema > self.registry.schema_version:
            return CommitResult(commit.id, "held")
        if not self._sound and (malformed := self._malformed(commit)):
            return CommitResult(commit.id, "rejected", refusals=malformed)
        drafts = self._new(task, seq)
        conflicts: list[FieldConflict] = []
        refusals: list[Refusal] = []
        if drafts is None:
            drafts = {}
            conflicts, refusals = self._merge(task, seq, drafts)
            if not refusals:
                refusals = self._hidden(task, conflicts, held)
            drafts = {key: draft for key, draft in drafts.items() if draft.changed}
        verdict = Verdict(refusals)
        if not refusals and drafts:
            verdict = self._decide(task, seq, drafts, conflicts)
        if verdict.refusals:
            return CommitResult(commit.id, "rejected", refusals=verdict.refusals)
        for key, draft in drafts.items():
            assert draft.after is not None
            self.batch.put(key, draft.after, draft.python)
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

    # --- rows that nobody has met yet ------------------------------------------------------------------------------------------

    def _new(self, task: Task, seq: int) -> dict[Key, Draft] | None:
        """The drafts of a commit that only makes new rows, all of them well: what most commits of a backlog do. None: go the long way."""
        commit = task.commit
        if not self._sound:
            return None
        stamps: dict[str, Stamp] = {ALL: (seq, commit.id)}
        actor, now = task.caller.user.bytes, self.now_us
        at = min(commit.hlc // 65536 * 1000, now)
        slots, kinds = self.batch.slots, self.registry.kinds
        drafts: dict[Key, Draft] = {}
        for change in commit.changes:
            key = (change.kind, change.id)
            slot = slots.get(key)
            if change.op != "create" or slot is None or slot.state is not None or key in drafts:
                return None
            kind = kinds[change.kind]
            given = change.fields
            fields = {**given, **_stamps(kind, None, given, at, actor, now)}
            if dict in map(type, given.values()) or not fields.keys() >= values.names(kind):
                return None
            draft = drafts[key] = Draft(slot, None, RowState(fields, stamps, seq), _EVERY)
            if not self.batch.lazy:
                try:
                    draft.python = python_values(kind, fields)
                except _UNFIT:
                    return None
        return drafts

    # --- merge ----------------------------------------------------------------------------------------------------------------

    def _merge(self, task: Task, seq: int, drafts: dict[Key, Draft]) -> tuple[list[FieldConflict], list[Refusal]]:
        commit = task.commit
        cap = merge.cap_of(commit.epoch, self.starts)
        conflicts: list[FieldConflict] = []
        refusals: list[Refusal] = []
        for change in commit.changes:
            kind = self.registry[change.kind]
            key = (change.kind, change.id)
            draft = drafts.get(key)
            if draft is None:
                slot = self.batch.slot(key)
                draft = drafts[key] = Draft(slot, slot.state, slot.state)
            merged = merge.merge(kind, draft.after, change, seq, commit.id, cap)
            conflicts += merged.conflicts
            refusals += merged.refusals
            if merged.op is not None and merged.after is not None:
                draft.after = merged.after
                draft.changed = draft.changed | (merged.changed or _EVERY)
                refusals += self._values(kind, draft, merged.op, change, task, seq)
        return conflicts, refusals

    def _values(self, kind: SyncKind, draft: Draft, op: Op, change: Change, task: Task, seq: int) -> list[Refusal]:
        """Defaults and stamps of the row as it becomes; why it cannot be."""
        after = draft.after
        assert after is not None
        draft.python = None
        if op == "delete":
            return []
        self._stamp(kind, draft, after, task, seq)
        if op == "create":
            fields = after.fields
            if not fields.keys() >= values.names(kind):
                for name, value in values.defaults(kind).items():
                    if name not in fields:
                        fields[name] = value
            for name in values.required(kind):
                if fields[name] is None:
                    return [Refusal("sync.required", change.kind, change.id, name)]
        if not self.batch.lazy:
            try:
                draft.python = python_values(kind, after.fields)
            except _UNFIT:
                return [Refusal("sync.value", change.kind, change.id)]
        return []

    # --- the judge ------------------------------------------------------------------------------------------------------------

    def _decide(self, task: Task, seq: int, drafts: dict[Key, Draft], conflicts: list[FieldConflict]) -> Verdict:
        changes = [
            self._judged(key, draft) for key, draft in drafts.items() if _alive(draft.before) or _alive(draft.after)
        ]
        if not changes:
            return Verdict()
        context = CommitContext(
            task.caller.user,
            task.caller.device,
            UUID(bytes=task.commit.id),
            self.now,
            task.caller.public_key,
            task.commit.signature,
            frozenset((one.kind, UUID(bytes=one.id)) for one in conflicts),
        )
        if self._reads(changes):
            # Not under what is forgiven below: after half a flush nothing of the group may be committed.
            self.batch.flush()
            self.session.expunge_all()
        try:
            verdict = self.domain.judge(self.session, context, changes)
        except DBAPIError:
            raise
        except Unfit as error:
            return Verdict([Refusal("sync.value", error.kind, error.row_id)])
        except Exception:  # noqa: BLE001 - a rule that fails must not stop the queue
            _LOG.exception("the judge failed", extra={"commit": task.commit.id.hex()})
            return Verdict([Refusal("sync.failed")])
        if not verdict.refusals:
            self.judged += changes
        return verdict

    def _reads(self, changes: list[Judged]) -> bool:
        try:
            return self.domain.needs_session(changes)
        except Exception:  # noqa: BLE001 - the judge will meet it, too
            return True

    def _judged(self, key: Key, draft: Draft) -> Judged:
        kind = self.registry[key[0]]
        before = partial(self._before, key, draft) if _alive(draft.before) else None
        after = partial(self._after, key, draft) if _alive(draft.after) else None
        op: Op = "create" if before is None else "delete" if after is None else "set"
        changed = values.names(kind)
        if op != "create":
            changed &= draft.changed
        return Judged(key[0], key[1], op, before, after, changed)

    def _before(self, key: Key, draft: Draft) -> Mapping[str, Any]:
        """The values on which a change was made."""
        assert draft.before is not None
        kind = self.registry[key[0]]
        if draft.slot.state is draft.before:
            return self.batch.python(draft.slot, kind) or {}
        return python_values(kind, draft.before.fields)  # somebody asks when the row has changed already

    def _after(self, key: Key, draft: Draft) -> dict[str, Any]:
        """The values that a change makes: a copy, the judge may write into it. Raises Unfit."""
        assert draft.after is not None
        if draft.python is None:
            try:
                draft.python = python_values(self.registry[key[0]], draft.after.fields)
            except _UNFIT as error:
                raise Unfit(key[0], key[1]) from error
        return dict(draft.python)

    # --- stamps: kept by the server -------------------------------------------------------------------------------------------

    def _stamp(self, kind: SyncKind, draft: Draft, state: RowState, task: Task, seq: int) -> None:
        """version + 1, when and by whom: never taken from the client as it says, never later than now."""
        old = draft.before.fields if draft.before is not None and not draft.before.deleted else None
        at = min(task.commit.hlc // 65536 * 1000, self.now_us)
        written = _stamps(kind, old, state.fields, at, task.caller.user.bytes, self.now_us)
        state.fields.update(written)
        if old is not None:
            state.fv.update(dict.fromkeys(written, (seq, task.commit.id)))

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
        self.batch.rescope(key, seq)
        wire = codec.to_wire(kind, amended)
        written = {name: value for name, value in wire.items() if slot.state.fields.get(name) != value}
        if not written:
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
    if old is None:
        made, updated = given.get("created_at"), given.get("updated_at")
        offered: dict[str, Any] = {
            "version": 1,
            "created_at": at if not isinstance(made, int) else made if made < now else now,
            "created_by": actor,
            "updated_at": at if not isinstance(updated, int) else updated if updated < now else now,
            "updated_by": actor,
        }
    else:
        offered = {"version": (old.get("version") or 0) + 1, "updated_at": at, "updated_by": actor}
    mine = values.stamps(kind)
    return offered if offered.keys() <= mine else {name: value for name, value in offered.items() if name in mine}
