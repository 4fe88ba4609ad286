"""What window and command line know of sync: the state in the corner, the inbox with mine, theirs and base, the rounds so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from presales_desktop.models.base import Record
from presales_desktop.models.errors import InputError, NotFound, UserError
from presales_desktop.models.syncing import MODELS, REGISTRY
from presales_desktop.services import attachments, users
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup
from sync import codec
from sync.client import inbox
from sync.client.book import Book
from sync.client.capture import Capture
from sync.client.reapplying import reapply
from sync.client.tables import APPLYING
from sync.merge import applied

CHOICES: Final = ("take_theirs", "reapply_mine", "settle", "ask_owner")
# How an entry reads that was closed so.
_OUTCOMES: Final = {"take_theirs": "theirs", "settle": "dropped", "ask_owner": "asked"}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class SyncStatus:
    """`state`: standalone, offline, waiting, syncing, up_to_date, needs_you or needs_login. `waiting` own commits the server has not
    answered, `inbox` open entries, `files` contents on their way. `done` of `total` while something long runs (0 of 0: nothing)."""

    state: str = "standalone"
    waiting: int = 0
    inbox: int = 0
    files: int = 0
    url: str = ""
    organisation: str = ""
    login: str = ""
    device_no: int = 0
    last_at: dt.datetime | None = None
    error_code: str = ""
    error_params: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class InboxRow:
    """One entry as the list shows it. `fields`: how many fields it is about."""

    id: int
    kind: str
    record_kind: str
    record_id: UUID
    title: str
    code: str
    params: Mapping[str, Any]
    at: dt.datetime
    theirs_by: str
    fields: int
    commit: str
    state: str
    outcome: str = ""


@dataclass(frozen=True)
class InboxField:
    """One field with the three values that met; UUIDs of known users are their names."""

    name: str
    mine: Any
    theirs: Any
    base: Any


@dataclass(frozen=True)
class InboxItem:
    """One entry whole."""

    row: InboxRow
    fields: tuple[InboxField, ...]
    op: str
    gone: bool
    mine_at: dt.datetime | None
    mine_by: str
    theirs_at: dt.datetime | None
    choices: tuple[str, ...]

    @property
    def theirs_by(self) -> str:
        """Who was there first."""
        return self.row.theirs_by


@dataclass(frozen=True)
class Round:
    """One exchange with the server."""

    at: dt.datetime
    pushed: int
    pulled: int
    sent_bytes: int
    received_bytes: int
    ms: int
    error: str


def _book(work: Work) -> Book:
    return Book(work.session.connection(), REGISTRY)


def _moment(microseconds: int) -> dt.datetime | None:
    return _EPOCH + dt.timedelta(microseconds=microseconds) if microseconds else None


# --- the state -------------------------------------------------------------------------------------------------------------------
def status(work: Work) -> SyncStatus:
    """What the tables say: never `syncing` or `offline`, which only the running exchange knows."""
    book = _book(work)
    facts = book.facts()
    if "device" not in facts:
        return SyncStatus()
    count = book.connection.exec_driver_sql
    waiting = int(count("SELECT count(*) FROM sync_outbox WHERE user_id = ?", (facts.get("user", b""),)).scalar_one())
    entries = int(count("SELECT count(*) FROM sync_inbox WHERE state = 'open'").scalar_one())
    entries += int(count("SELECT count(*) FROM sync_quarantine").scalar_one())
    last = count("SELECT at, error FROM sync_log ORDER BY n DESC LIMIT 1").first()
    good = count("SELECT max(at) FROM sync_log WHERE error = ''").scalar()
    up, down, _ = attachments.transfer_counts(work)
    state = "needs_you" if entries else "waiting" if waiting else "up_to_date"
    return SyncStatus(
        state, waiting, entries, up + down, facts.get("server", ""), facts.get("organisation_name", ""),
        facts.get("login", ""), int(facts.get("device_no", 0)), _moment(good or 0), str(last[1]) if last else "",
    )  # fmt: skip


def history(work: Work, limit: int = 100) -> tuple[Round, ...]:
    """The last rounds, the newest first."""
    rows = _book(work).connection.exec_driver_sql(
        "SELECT at, pushed, pulled, sent_bytes, received_bytes, ms, error FROM sync_log ORDER BY n DESC LIMIT ?",
        (limit,),
    )
    return tuple(Round(_EPOCH + dt.timedelta(microseconds=row[0]), *row[1:]) for row in rows)


# --- the inbox -------------------------------------------------------------------------------------------------------------------
def list_inbox(work: Work, query: ListQuery) -> Page[InboxRow]:
    """Entries, the newest first; filter state=open|settled, kind, record_kind. Raises InputError list.unknown_field."""
    filters = dict(query.filters)
    unknown = set(filters) - {"state", "kind", "record_kind"}
    if unknown:
        raise InputError("list.unknown_field", field=sorted(unknown)[0], known="state、kind、record_kind")
    found = inbox.entries(_book(work), open_only=filters.get("state", "open") == "open", limit=10_000)
    names = users.names(work)
    words = query.search.strip().casefold()
    rows = [
        row
        for entry in found
        if filters.get("state") in (None, entry.state, "open")
        and filters.get("kind") in (None, entry.kind)
        and filters.get("record_kind") in (None, entry.row_kind)
        for row in (_row(work, entry, names),)
        if words in f"{row.title} {row.theirs_by}".casefold()
    ]
    return Page(tuple(rows[query.offset : query.offset + query.limit]), len(rows), query.offset)


def show_inbox(work: Work, entry_id: int) -> InboxItem:
    """One entry with its fields. Raises NotFound sync.inbox_unknown."""
    entry = _entry(work, entry_id)
    names = users.names(work)
    fields = tuple(_fields(entry, names))
    return InboxItem(
        _row(work, entry, names),
        fields,
        entry.op,
        entry.theirs_gone,
        _moment(entry.mine_at),
        _name(entry.mine_by, names),
        _moment(entry.theirs_at),
        _choices(entry),
    )


def settle(work: Work, ids: Sequence[int], choice: str, fields: Sequence[str] = ()) -> None:
    """Close entries: take_theirs, settle and ask_owner change nothing; reapply_mine makes a new commit of mine (of FIELDS).

    Raises NotFound sync.inbox_unknown, InputError sync.choice_unknown, UserError sync.row_gone, sync.entry_settled,
    sync.nothing_to_apply.
    """
    if choice not in CHOICES:
        raise InputError("sync.choice_unknown", choice=choice, known="、".join(CHOICES))
    for entry_id in ids:
        _entry(work, entry_id)
    book = _book(work)
    now_us = int(work.now.timestamp() * 1_000_000)
    if choice != "reapply_mine":
        inbox.settle(book, ids, _OUTCOMES[choice], now_us)
        return
    # Under the replica's mark, since append-only and frozen rows take back what the person decided, too.
    try:
        book.put(**{APPLYING: True})
        edits, incoming = reapply(book, Capture(REGISTRY), ids, list(fields) or None, now_us)
        incoming.finish()
        book.put(**{APPLYING: None})
    except inbox.InboxProblem as problem:
        raise UserError(problem.code) from None
    for edit in edits:
        if issubclass(MODELS[edit.kind], Record):
            work.mark_changed(MODELS[edit.kind], UUID(bytes=edit.id))


def of_commit(work: Work, commit: str) -> tuple[int, ...]:
    """Open entries that came of one commit: for one decision about all of it."""
    return tuple(inbox.of_commit(_book(work), bytes.fromhex(commit)))


# --- parts -----------------------------------------------------------------------------------------------------------------------
def _entry(work: Work, entry_id: int) -> inbox.Entry:
    found = inbox.entries(_book(work), ids=[entry_id])
    if not found:
        raise NotFound("sync.inbox_unknown", id=str(entry_id))
    return found[0]


def _choices(entry: inbox.Entry) -> tuple[str, ...]:
    if entry.state != "open":
        return ()
    if entry.kind == "conflict":
        return ("take_theirs", "reapply_mine", "edit", "ask_owner")
    if entry.kind == "rejected":
        return ("settle", "reapply_mine", "edit", "ask_owner")
    return ("settle", "ask_owner")


def _row(work: Work, entry: inbox.Entry, names: Mapping[UUID, str]) -> InboxRow:
    about = len(set(entry.mine) | set(entry.theirs))
    return InboxRow(
        entry.id, entry.kind, entry.row_kind, UUID(bytes=entry.row_id), _title(work, entry), entry.code, entry.params,
        _EPOCH + dt.timedelta(microseconds=entry.at), _name(entry.theirs_by, names), about, entry.commit.hex(), entry.state,
        entry.outcome,
    )  # fmt: skip


def _title(work: Work, entry: inbox.Entry) -> str:
    """The record's title, its whole's where it is a part, else what the payload calls it; of a record that left this laptop its kind."""
    model = MODELS.get(entry.row_kind)
    # An entry of the journal is no record: it calls itself by what it is about.
    record: Any = (
        work.session.get(model, UUID(bytes=entry.row_id)) if model is not None and issubclass(model, Record) else None
    )
    while isinstance(record, Record):
        said = record.search_entry()
        if said is not None:
            return said[0]
        owner = record.owner_ref()
        record = work.session.get(MODELS[owner[0]], owner[1]) if owner and owner[0] in MODELS else None
    for values in (entry.mine, entry.base, entry.theirs):
        for name in ("name", "title", "number", "login", "subject_title"):
            if isinstance(values.get(name), str) and values[name]:
                return str(values[name])
    return entry.title or lookup.kind_title(entry.row_kind)


def _name(user: bytes, names: Mapping[UUID, str]) -> str:
    return names.get(UUID(bytes=user), "") if len(user) == 16 else ""


def _fields(entry: inbox.Entry, names: Mapping[UUID, str]) -> list[InboxField]:
    if entry.row_kind not in REGISTRY:
        return []
    kind = REGISTRY[entry.row_kind]
    found = []
    for name in kind.columns:
        if kind.merge_class(name) == "stamp" or (name not in entry.mine and name not in entry.theirs):
            continue
        base = entry.base.get(name)
        mine = (
            applied(kind.merge_class(name), base, entry.mine[name])
            if name in entry.mine and entry.op == "set"
            else (entry.mine.get(name))
        )
        values = [_shown(entry.row_kind, name, value, names) for value in (mine, entry.theirs.get(name), base)]
        found.append(InboxField(name, *values))
    return found


def _shown(kind: str, name: str, value: Any, names: Mapping[UUID, str]) -> Any:
    if value is None:
        return None
    try:
        python = codec.from_wire(REGISTRY[kind], {name: value})[name]
    except (ValueError, TypeError, OverflowError):
        return value
    return names.get(python, python) if isinstance(python, UUID) else python


__all__ = [
    "CHOICES", "InboxField", "InboxItem", "InboxRow", "Round", "SyncStatus", "history", "list_inbox", "of_commit", "settle",
    "show_inbox", "status",
]  # fmt: skip
