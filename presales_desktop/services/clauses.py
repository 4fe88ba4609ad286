"""The clause library: the editions that come with the program, and the legal department's own later ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.contracts import PARTS, Clause, LibraryClause, shipped_library, use_when_english
from presales_desktop.models.errors import ConflictError, NotFound, Problem, ValidationError
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.services.work import Work
from presales_desktop.texts import Language

PICKS = ("always", "deposit", "prepayment", "installation", "design")
FIELDS = (
    Field("key", FieldType.TEXT, required=True, max_length=60),
    Field("heading", FieldType.TEXT, required=True, max_length=80),
    Field("body", FieldType.MULTILINE, required=True, max_length=8000),
    Field("heading_en", FieldType.TEXT, max_length=120),
    Field("body_en", FieldType.MULTILINE, max_length=12000),
    Field("part", FieldType.CHOICE, choices=PARTS),
    Field("pick", FieldType.CHOICE, choices=PICKS),
    Field("use_when", FieldType.TEXT, max_length=200),
    Field("owner", FieldType.TEXT, max_length=60),
)


@dataclass
class LibraryDraft:
    """A clause of the library being edited: saving makes the edition after `base_edition` (0: a new clause)."""

    key: str = ""
    base_edition: int = 0
    heading: str = ""
    body: str = ""
    heading_en: str = ""
    body_en: str = ""
    part: str = ""
    pick: str = ""
    use_when: str = ""
    owner: str = ""
    active: bool = True
    id: UUID | None = None
    base_version: int = 0


def of_row(clause: Clause) -> LibraryClause:
    """An edition as the library shows it."""
    return LibraryClause(
        clause.key, clause.edition, clause.heading, clause.body, clause.heading_en, clause.body_en, clause.part,
        clause.pick, clause.use_when, clause.owner, clause.sort,
    )  # fmt: skip


def library(work: Work) -> tuple[LibraryClause, ...]:
    """Every clause in its newest edition, in the order of a contract; those that legal took out of use are left out."""
    work.require("contract.view")
    newest = {c.key: c for c in shipped_library()}
    gone: set[str] = set()
    for clause in work.session.scalars(select(Clause).order_by(Clause.key, Clause.edition)):
        newest[clause.key] = of_row(clause)
        gone.discard(clause.key)
        if not clause.active:
            gone.add(clause.key)
    return tuple(sorted((c for c in newest.values() if c.key not in gone), key=lambda c: (c.sort, c.key)))


def edition(work: Work, key: str, number: int) -> LibraryClause | None:
    """One edition of a clause, old ones too; None when it is not of the library."""
    if number == 1:
        found = next((c for c in shipped_library() if c.key == key), None)
        if found is not None:
            return found
    stored = work.session.scalar(select(Clause).where(Clause.key == key, Clause.edition == number))
    return of_row(stored) if stored is not None else None


def load(work: Work, key: str) -> LibraryDraft:
    """A clause to edit. Raises NotFound."""
    found = next((c for c in library(work) if c.key == key), None)
    if found is None:
        raise NotFound("record.not_found", kind="clause", id=key)
    return LibraryDraft(
        found.key, found.edition, found.heading, found.body, found.heading_en, found.body_en, found.part, found.pick,
        found.use_when, found.owner,
    )  # fmt: skip


def save(work: Work, draft: LibraryDraft, *, reason: str = "") -> int:
    """Add the next edition of a clause; its number. REASON: why it goes out of use. Contracts that use an older edition keep it.

    Raises PermissionDenied (only legal), ValidationError, ConflictError when somebody made that edition meanwhile.
    """
    work.require("clause.edit")
    problems = validate(FIELDS, draft)
    if problems:
        raise ValidationError(problems)
    key = draft.key.strip()
    editions = list(work.session.scalars(select(Clause.edition).where(Clause.key == key)))
    if any(c.key == key for c in shipped_library()):
        editions.append(1)
    newest = max(editions, default=0)
    if draft.base_edition == 0 and newest:
        raise ValidationError([Problem("contract.clause_key_taken", "key", {"key": key})])
    if draft.base_edition != newest:
        raise ConflictError("record.conflict", kind="clause", mine=draft.base_edition, theirs=newest)
    values: dict[str, Any] = {f.name: getattr(draft, f.name).strip() for f in FIELDS}
    made = work.add(Clause(**values, edition=newest + 1, sort=_sort(key), active=draft.active))
    action = "created" if newest == 0 else "changed"
    detail: dict[str, Any] = {"reason": reason.strip()} if reason.strip() else {}
    work.audit(made, action, title=made.heading, edition=made.edition, active=made.active, **detail)
    return made.edition


def _sort(key: str) -> int:
    return next((c.sort for c in shipped_library() if c.key == key), len(shipped_library()))


def translated(work: Work, key: str, number: int, heading: str, body: str) -> tuple[str, str]:
    """English heading and body of a clause that stands unchanged in a contract; ("", "") once it was rewritten there."""
    found = edition(work, key, number) if key else None
    if found is None or found.heading.strip() != heading.strip() or found.body.strip() != body.strip():
        return "", ""
    return found.heading_en, found.body_en


def use_when(clause: LibraryClause, lang: Language) -> str:
    """When to use a clause, in LANG where a translation is known."""
    return use_when_english().get(clause.use_when, clause.use_when) if lang == "en" else clause.use_when
