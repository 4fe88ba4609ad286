"""The clause library as its page and the command line see it: one line for each clause, with its editions and where it is used.

What stands in the library is `clauses.py`; a line's id is made from its key, for edition 1 comes with the program and has no row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import func, select

from presales_desktop.models.contract_diff import Piece, words_changed
from presales_desktop.models.contracts import PARTS, Clause, Contract, ContractClause, LibraryClause, shipped_library
from presales_desktop.models.errors import InputError, NotFound
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.users import User
from presales_desktop.models.workflow import Transition
from presales_desktop.services import clauses
from presales_desktop.services.clauses import LibraryDraft
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

STATES: Final = ("in_use", "retired")
TRANSITIONS: Final = (
    Transition("retire", ("in_use",), "retired", "clause.edit", ("reason!",)),
    Transition("restore", ("retired",), "in_use", "clause.edit"),
)
FIELDS: Final = (
    *clauses.FIELDS,
    Field("edition", FieldType.INTEGER, read_only=True),
    Field("state", FieldType.CHOICE, choices=STATES, read_only=True),
)
# What the parties, the table of goods and the total give by themselves: no clause is needed for it.
GIVEN: Final = ("parties", "subject", "quantity", "price")
_OVER: Final = ("superseded", "cancelled")
_USES: Final = 100
_FIRST_OWN: Final = "own-"


@dataclass(frozen=True)
class ClauseRow:
    """A clause as the list shows it, in its newest edition. `contracts`: how many that are not over hold it."""

    id: UUID
    key: str
    heading: str
    heading_en: str
    part: str
    pick: str
    use_when: str
    owner: str
    edition: int
    state: str
    contracts: int
    updated_at: dt.datetime | None
    sort: int


@dataclass(frozen=True)
class EditionRow:
    """One edition; `pieces`: its words against the edition before. `by`, `at` unknown for what comes with the program."""

    edition: int
    heading: str
    body: str
    active: bool
    by: str
    at: dt.datetime | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ClauseUse:
    """A contract that holds the clause: which edition, and whether its words were changed there."""

    contract_id: UUID
    label: str
    title: str
    state: str
    edition: int
    altered: bool


@dataclass(frozen=True)
class ClauseWhole:
    """A clause with its editions, newest first, and the contracts that hold it."""

    id: UUID
    version: int
    key: str
    heading: str
    body: str
    heading_en: str
    body_en: str
    part: str
    pick: str
    use_when: str
    owner: str
    edition: int
    state: str
    editions: tuple[EditionRow, ...]
    uses: tuple[ClauseUse, ...]


@dataclass(frozen=True)
class PartCover:
    """One content of art. 470: the clauses in use that give it; `given` where the paper gives it without any."""

    part: str
    given: bool
    clauses: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Whether a contract can have it from the library."""
        return self.given or bool(self.clauses)


@dataclass(frozen=True)
class _Edition:
    clause: LibraryClause
    active: bool
    at: dt.datetime | None
    by: UUID | None


def line_id(key: str) -> UUID:
    """The id of the clause with KEY, the same on every laptop."""
    return uuid5(NAMESPACE_URL, f"presales:clause:{key}")


def _editions(work: Work) -> dict[str, list[_Edition]]:
    """All editions by key, oldest first."""
    found: dict[str, list[_Edition]] = {c.key: [_Edition(c, True, None, None)] for c in shipped_library()}
    for row in work.session.scalars(select(Clause).order_by(Clause.key, Clause.edition)):
        found.setdefault(row.key, []).append(_Edition(clauses.of_row(row), row.active, row.created_at, row.created_by))
    return found


def _state(newest: _Edition) -> str:
    return "in_use" if newest.active else "retired"


# lists ---------------------------------------------------------------------------------------------------------------

_FILTERS: Final[Mapping[str, Callable[[ClauseRow, str], bool]]] = {
    "state": lambda row, v: row.state == v,
    "part": lambda row, v: row.part == v,
    "pick": lambda row, v: row.pick == ("" if v == "none" else v),
    "changed": lambda row, v: (row.edition > 1) == (v == "1"),
}
_SORTS: Final = ("sort", "heading", "key", "edition", "contracts", "updated_at")


def list_rows(work: Work, query: ListQuery) -> Page[ClauseRow]:
    """Clauses in the order of a contract. Filters: state in_use|retired, part, pick ("none": on demand), changed 1|0."""
    work.require("contract.view")
    used = _used(work)
    rows = [_row(editions[-1], used.get(key, 0)) for key, editions in _editions(work).items()]
    bodies = {key: e[-1].clause.body for key, e in _editions(work).items()} if query.search.strip() else {}
    for name, value in query.filters:
        if name not in _FILTERS:
            raise InputError("list.unknown_field", field=name, known="、".join(_FILTERS))
        rows = [r for r in rows if _FILTERS[name](r, value)]
    for word in query.search.lower().split():
        rows = [
            r for r in rows if word in f"{r.heading} {r.heading_en} {r.key} {r.use_when} {bodies[r.key]}".lower()
        ]  # fmt: skip
    order = query.sort or "sort"
    name = order.removeprefix("-")
    if name not in _SORTS:
        raise InputError("list.unknown_field", field=name, known="、".join(_SORTS))
    rows.sort(key=lambda r: (_sort_key(getattr(r, name)), r.sort, r.key), reverse=order.startswith("-"))
    start = query.offset
    if query.after is not None:
        start = next((i + 1 for i, r in enumerate(rows) if r.id == query.after), 0)
    return Page(tuple(rows[start : start + query.limit]), len(rows), query.offset)


def _sort_key(value: Any) -> Any:
    return (0, "") if value is None else (1, value)


def _row(newest: _Edition, contracts: int) -> ClauseRow:
    c = newest.clause
    return ClauseRow(
        line_id(c.key), c.key, c.heading, c.heading_en, c.part, c.pick, c.use_when, c.owner, c.edition, _state(newest),
        contracts, newest.at, c.sort,
    )  # fmt: skip


def _used(work: Work) -> dict[str, int]:
    statement = (
        select(ContractClause.key, func.count(func.distinct(Contract.id)))
        .join(Contract, Contract.id == ContractClause.contract_id)
        .where(ContractClause.key != "", Contract.state.not_in(_OVER))
        .group_by(ContractClause.key)
    )
    return {row[0]: row[1] for row in work.session.execute(statement)}


def coverage(work: Work) -> tuple[PartCover, ...]:
    """The eight contents of Civil Code art. 470 and which clauses in use give them."""
    library = clauses.library(work)
    return tuple(PartCover(part, part in GIVEN, tuple(c.heading for c in library if c.part == part)) for part in PARTS)


# one -----------------------------------------------------------------------------------------------------------------


def _of(work: Work, clause_id: UUID) -> list[_Edition]:
    for key, editions in _editions(work).items():
        if line_id(key) == clause_id:
            return editions
    stored = work.session.get(Clause, clause_id)
    if stored is not None:  # an edition's own row: what the journal and the server name
        return _editions(work)[stored.key]
    raise NotFound("record.not_found", kind="clause", id=str(clause_id))


def resolve(work: Work, text: str) -> UUID:
    """A clause's id from its id, key or heading. Raises NotFound."""
    clean = text.strip()
    known = {key: e[-1].clause.heading for key, e in _editions(work).items()}
    for key in known:
        if clean in (key, str(line_id(key))):
            return line_id(key)
    named = [key for key, heading in known.items() if heading == clean]
    if len(named) == 1:
        return line_id(named[0])
    code = "record.ambiguous" if named else "record.not_found"
    raise NotFound(code, kind="clause", id=text)


def show(work: Work, clause_id: UUID) -> ClauseWhole:
    """One clause whole. Raises NotFound."""
    work.require("contract.view")
    editions = _of(work, clause_id)
    newest = editions[-1]
    c = newest.clause
    return ClauseWhole(
        line_id(c.key), c.edition, c.key, c.heading, c.body, c.heading_en, c.body_en, c.part, c.pick, c.use_when, c.owner,
        c.edition, _state(newest), tuple(_told(work, editions)), tuple(_uses(work, editions)),
    )  # fmt: skip


def _told(work: Work, editions: Sequence[_Edition]) -> list[EditionRow]:
    told = []
    before = ""
    for each in editions:
        c = each.clause
        author = work.session.get(User, each.by) if each.by is not None else None
        text = f"{c.heading}\n{c.body}"
        pieces = words_changed(before, text) if before and before != text else ()
        told.append(
            EditionRow(c.edition, c.heading, c.body, each.active, author.name if author else "", each.at, tuple(pieces))
        )
        before = text
    return told[::-1]


def _uses(work: Work, editions: Sequence[_Edition]) -> list[ClauseUse]:
    by_number = {e.clause.edition: e.clause for e in editions}
    statement = (
        select(ContractClause, Contract)
        .join(Contract, Contract.id == ContractClause.contract_id)
        .where(ContractClause.key == editions[0].clause.key, Contract.state.not_in(_OVER))
        .order_by(Contract.updated_at.desc())
        .limit(_USES)
    )
    found = []
    for part, contract in work.session.execute(statement):
        own = by_number.get(part.edition)
        altered = own is None or (own.heading.strip(), own.body.strip()) != (part.heading.strip(), part.body.strip())
        label = f"{contract.number}-R{contract.revision}"
        found.append(ClauseUse(contract.id, label, contract.title, contract.state, part.edition, altered))
    return found


# editing -------------------------------------------------------------------------------------------------------------


def new_draft(work: Work, initial: Mapping[str, Any]) -> LibraryDraft:
    """An empty clause of legal's own, with a key that is free."""
    work.require("clause.edit")
    known = _editions(work)
    n = 1
    while f"{_FIRST_OWN}{n}" in known:
        n += 1
    draft = LibraryDraft(key=f"{_FIRST_OWN}{n}", owner=shipped_library()[0].owner)
    for name, value in initial.items():
        setattr(draft, name, value)
    return draft


def load(work: Work, clause_id: UUID) -> LibraryDraft:
    """A clause to edit: its newest edition. Raises NotFound."""
    work.require("contract.view")
    newest = _of(work, clause_id)[-1]
    c = newest.clause
    return LibraryDraft(
        c.key, c.edition, c.heading, c.body, c.heading_en, c.body_en, c.part, c.pick, c.use_when, c.owner, newest.active,
        line_id(c.key), c.edition,
    )  # fmt: skip


def save(work: Work, draft: LibraryDraft) -> UUID:
    """Add the next edition; unchanged drafts add none. Raises as `clauses.save`."""
    draft.base_edition = draft.base_version
    if draft.id is not None:
        work.require("clause.edit")
        if _same(load(work, draft.id), draft):
            return draft.id
    clauses.save(work, draft)
    return line_id(draft.key.strip())


def _same(stored: LibraryDraft, draft: LibraryDraft) -> bool:
    return draft.base_version == stored.base_version and all(
        getattr(stored, f.name).strip() == getattr(draft, f.name).strip() for f in clauses.FIELDS
    )


def do(work: Work, clause_id: UUID, action: str, parameters: Mapping[str, str]) -> UUID:
    """retire reason=… (no new contract takes it; those that have it keep it), restore. Each is an edition of its own."""
    newest = _of(work, clause_id)[-1]
    take(work, TRANSITIONS, _state(newest), action, Ownership(), parameters)
    draft = load(work, clause_id)
    draft.active = action == "restore"
    clauses.save(work, draft, reason=parameters.get("reason", ""))
    return line_id(draft.key)


KIND = Kind(
    name="clause",
    fields=FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    states=STATES,
    transitions=TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "clause.edit", "edit": "clause.edit"},
    filters=tuple(_FILTERS),
    sorts=_SORTS,
)
