"""Needs surveys: the five dimensions, needs per space, the report that the customer confirms.

Rule book 1.4-1.6. A survey's report is frozen when it is made: its canonical content and SHA-256 stand in `survey_report`, one row a
revision, and are never changed again; reopening makes the next revision.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record, ScaledDecimal
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.models.workflow import Transition

STATES: Final = ("planned", "collecting", "report_draft", "confirmed")
EDITABLE: Final = ("planned", "collecting")
FROZEN: Final = ("report_draft", "confirmed")
REASONS: Final = ("important", "special", "complex", "follow_up")
METHODS: Final = ("interview", "questionnaire", "online")
CONFIRMED_HOW: Final = ("signature", "email", "wechat", "meeting", "phone")
# The five dimensions that the rule book 1.5 demands, in the order in which an interview asks for them.
DIMENSIONS: Final = ("scene", "style", "functions", "budget", "delivery")
NEED_DIMENSIONS: Final = (*DIMENSIONS, "other")
# The draft's field that answers a dimension.
ANSWER: Final = {
    "scene": "scene",
    "style": "style",
    "functions": "functions",
    "budget": "budget_fen",
    "delivery": "delivery_on",
}
# Highest accepted UGR as people choose it; "any": the customer does not mind.
GLARES: Final = ("any", "25", "22", "19", "16")
# From least to most: switched, dimmed, dimmed and tunable white, scenes by a control system.
DIMMINGS: Final = ("none", "dim", "tunable", "scene")
CCTS: Final = (2700, 3000, 3500, 4000, 5000, 6500)
MAX_SPACES: Final = 300
MAX_NEEDS: Final = 500

TRANSITIONS: Final = (
    Transition("start", ("planned",), "collecting", "survey.edit", ("held_on",)),
    Transition("report", ("planned", "collecting"), "report_draft", "survey.edit"),
    Transition("confirm", ("report_draft",), "confirmed", "survey.edit", ("by!", "how", "on", "note")),
    Transition("reopen", ("report_draft", "confirmed"), "collecting", "survey.edit", ("reason!",)),
)

_T = FieldType
FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("revision", _T.INTEGER, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("case_id", _T.REFERENCE, required=True, target="case"),
    Field("customer_id", _T.REFERENCE, target="customer", read_only=True),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("reason", _T.CHOICE, required=True, choices=REASONS),
    Field("method", _T.CHOICE, required=True, choices=METHODS),
    Field("planned_on", _T.DATE),
    Field("held_on", _T.DATE),
    Field("people", _T.TEXT, max_length=200),
    Field("scene", _T.MULTILINE, max_length=2000),
    Field("scene_undecided", _T.TEXT, max_length=200),
    Field("style", _T.TEXT, max_length=400),
    Field("style_undecided", _T.TEXT, max_length=200),
    Field("functions", _T.MULTILINE, max_length=2000),
    Field("functions_undecided", _T.TEXT, max_length=200),
    Field("budget_fen", _T.MONEY, low=1),
    Field("budget_undecided", _T.TEXT, max_length=200),
    Field("delivery_on", _T.DATE),
    Field("delivery_undecided", _T.TEXT, max_length=200),
    Field("total_area_m2", _T.DECIMAL, unit="m²", low=Decimal("0.01"), high=1_000_000, places=2),
    Field("notes", _T.MULTILINE, max_length=8000),
    Field("summary", _T.MULTILINE, max_length=8000),
    Field("completeness", _T.INTEGER, unit="%", read_only=True),
    Field("content_hash", _T.TEXT, read_only=True),
    Field("confirmed_by", _T.TEXT, read_only=True),
    Field("confirmed_on", _T.DATE, read_only=True),
    Field("confirmed_how", _T.CHOICE, choices=CONFIRMED_HOW, read_only=True),
    Field("spaces", _T.PARTS, target="survey_space"),
    Field("needs", _T.PARTS, target="survey_need"),
)
SPACE_FIELDS: Final = (
    Field("name", _T.TEXT, required=True, max_length=60),
    Field("room_type", _T.TEXT, max_length=60),
    Field("area_m2", _T.DECIMAL, unit="m²", low=Decimal("0.01"), high=1_000_000, places=2),
    Field("height_m", _T.DECIMAL, unit="m", low=Decimal("0.5"), high=60, places=2),
    Field("style", _T.TEXT, max_length=200),
    Field("functions", _T.MULTILINE, max_length=1000),
    Field("target_lux", _T.INTEGER, unit="lx", low=1, high=20_000),
    Field("cct_k", _T.INTEGER, unit="K", low=1500, high=12_000),
    Field("ra", _T.INTEGER, low=0, high=100),
    Field("glare", _T.CHOICE, choices=GLARES),
    Field("dimming", _T.CHOICE, choices=DIMMINGS),
    Field("budget_fen", _T.MONEY, low=1),
    Field("notes", _T.MULTILINE, max_length=2000),
)
NEED_FIELDS: Final = (
    Field("text", _T.TEXT, required=True, max_length=400),
    Field("dimension", _T.CHOICE, required=True, choices=NEED_DIMENSIONS),
    Field("space", _T.TEXT, max_length=60),
    Field("weight", _T.INTEGER, required=True, low=1, high=5),
    Field("core", _T.FLAG),
    Field("concern", _T.FLAG),
)


class Survey(Record):
    """One survey of one case. `undecided` maps a dimension to the customer's reason for 客户未定."""

    __tablename__ = "survey"
    __table_args__ = (Index("ix_survey_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "survey"

    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="planned", index=True)
    revision: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(default="important")
    method: Mapped[str] = mapped_column(default="interview")
    planned_on: Mapped[dt.date | None]
    held_on: Mapped[dt.date | None]
    people: Mapped[str] = mapped_column(default="")
    scene: Mapped[str] = mapped_column(default="")
    style: Mapped[str] = mapped_column(default="")
    functions: Mapped[str] = mapped_column(default="")
    budget_fen: Mapped[int | None]
    delivery_on: Mapped[dt.date | None]
    undecided: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total_area_m2: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    notes: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    completeness: Mapped[int] = mapped_column(default=0)
    content_hash: Mapped[str] = mapped_column(default="")
    frozen: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[str] = mapped_column(default="")
    confirmed_on: Mapped[dt.date | None]
    confirmed_how: Mapped[str] = mapped_column(default="")

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.number, self.scene[:60], f"{self.style} {self.functions} {self.notes}"[:500]


class SurveySpace(Record):
    """What is wanted in one space."""

    __tablename__ = "survey_space"
    KIND: ClassVar[str] = "survey_space"

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), index=True)
    name: Mapped[str]
    room_type: Mapped[str] = mapped_column(default="")
    area_m2: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    height_m: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    style: Mapped[str] = mapped_column(default="")
    functions: Mapped[str] = mapped_column(default="")
    target_lux: Mapped[int | None]
    cct_k: Mapped[int | None]
    ra: Mapped[int | None]
    glare: Mapped[str] = mapped_column(default="")
    dimming: Mapped[str] = mapped_column(default="")
    budget_fen: Mapped[int | None]
    notes: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "survey", self.survey_id


class SurveyNeed(Record):
    """One need or concern in the customer's words. `core` needs lead the report, `concern` marks a worry."""

    __tablename__ = "survey_need"
    KIND: ClassVar[str] = "survey_need"

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), index=True)
    space_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey_space.id"))
    dimension: Mapped[str] = mapped_column(default="other")
    text: Mapped[str]
    core: Mapped[bool] = mapped_column(default=False)
    concern: Mapped[bool] = mapped_column(default=False)
    weight: Mapped[int] = mapped_column(default=3)
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "survey", self.survey_id


class SurveyReport(Record):
    """The report of one revision: what was frozen, and that it was reopened later and why. Its content is never changed."""

    __tablename__ = "survey_report"
    __table_args__ = (UniqueConstraint("survey_id", "revision"),)
    KIND: ClassVar[str] = "survey_report"

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), index=True)
    revision: Mapped[int]
    content_hash: Mapped[str]
    frozen: Mapped[str]
    confirmed_by: Mapped[str] = mapped_column(default="")
    confirmed_on: Mapped[dt.date | None]
    confirmed_how: Mapped[str] = mapped_column(default="")
    confirmed_note: Mapped[str] = mapped_column(default="")
    reopened_reason: Mapped[str] = mapped_column(default="")

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "survey", self.survey_id


# ------------------------------------------------------------------------------------------------- drafts


@dataclass
class SpaceDraft:
    """A space being edited; empty values mean: not asked yet."""

    id: UUID | None = None
    name: str = ""
    room_type: str = ""
    area_m2: Decimal | None = None
    height_m: Decimal | None = None
    style: str = ""
    functions: str = ""
    target_lux: int | None = None
    cct_k: int | None = None
    ra: int | None = None
    glare: str = ""
    dimming: str = ""
    budget_fen: int | None = None
    notes: str = ""


@dataclass
class NeedDraft:
    """A need being edited; `space` is the name of one of the survey's spaces, or "" for the whole."""

    id: UUID | None = None
    text: str = ""
    dimension: str = "functions"
    space: str = ""
    weight: int = 3
    core: bool = False
    concern: bool = False


@dataclass
class SurveyDraft:
    """A survey being edited. The five `…_undecided` hold the customer's reason for 客户未定."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    revision: int = 1
    state: str = "planned"
    case_id: UUID | None = None
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    reason: str = "important"
    method: str = "interview"
    planned_on: dt.date | None = None
    held_on: dt.date | None = None
    people: str = ""
    scene: str = ""
    scene_undecided: str = ""
    style: str = ""
    style_undecided: str = ""
    functions: str = ""
    functions_undecided: str = ""
    budget_fen: int | None = None
    budget_undecided: str = ""
    delivery_on: dt.date | None = None
    delivery_undecided: str = ""
    total_area_m2: Decimal | None = None
    notes: str = ""
    summary: str = ""
    spaces: list[SpaceDraft] = field(default_factory=list)
    needs: list[NeedDraft] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------- rules


def answered(draft: SurveyDraft, dimension: str) -> bool:
    """Whether the customer answered DIMENSION (not: left it open)."""
    value = getattr(draft, ANSWER[dimension])
    return bool(value.strip()) if isinstance(value, str) else value is not None


def settled(draft: SurveyDraft, dimension: str) -> bool:
    """Whether DIMENSION is answered or explicitly 客户未定 with a reason."""
    return answered(draft, dimension) or bool(getattr(draft, f"{dimension}_undecided").strip())


@dataclass(frozen=True)
class Item:
    """One point of the completeness meter. `code` names it, `field` where it is filled in, `spaces` which spaces still lack it."""

    code: str
    field: str
    share: Decimal
    weight: int
    mandatory: bool = False
    missing: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing is left to ask here."""
        return self.share >= 1


@dataclass(frozen=True)
class Completeness:
    """How far the interview has come: percent over all points, and what is still open."""

    percent: int
    items: tuple[Item, ...]

    @property
    def ready(self) -> bool:
        """Whether the report may be made."""
        return all(item.done for item in self.items if item.mandatory)

    @property
    def open(self) -> tuple[Item, ...]:
        """Points still to ask, the mandatory first."""
        return tuple(sorted((i for i in self.items if not i.done), key=lambda i: not i.mandatory))


_SPACE_POINTS: Final = (
    ("room_type", 5),
    ("area_m2", 7),
    ("height_m", 3),
    ("target_lux", 6),
    ("cct_k", 4),
    ("ra", 2),
    ("dimming", 3),
)
DIMENSION_WEIGHT: Final = 10


def completeness(draft: SurveyDraft, photos: int = 0) -> Completeness:
    """The meter: five dimensions (10 each), spaces and what is known of each (40), needs with a core (8), photos (2)."""
    items = [Item(d, ANSWER[d], Decimal(int(settled(draft, d))), DIMENSION_WEIGHT, mandatory=True) for d in DIMENSIONS]
    named = [s for s in draft.spaces if s.name.strip()]
    items.append(Item("spaces", "spaces", Decimal(int(bool(named))), 10, mandatory=True))
    for name, weight in _SPACE_POINTS:
        missing = tuple(s.name for s in named if getattr(s, name) in (None, ""))
        share = 1 - Decimal(len(missing)) / len(named) if named else Decimal(0)
        items.append(Item(f"space_{name}", "spaces", share, weight, missing=missing))
    needs = [n for n in draft.needs if n.text.strip()]
    share = Decimal(int(bool(needs)) + int(any(n.core for n in needs))) / 2
    items.append(Item("needs", "needs", share, 8))
    items.append(Item("photos", "photos", Decimal(int(photos > 0)), 2))
    total = sum(i.weight for i in items)
    got = sum((i.share * i.weight for i in items), Decimal(0))
    return Completeness(int(got * 100 / total), tuple(items))


def problems(draft: SurveyDraft) -> list[Problem]:
    """What keeps DRAFT from being saved: wrong fields, two spaces of one name, a need that names no space."""
    found = validate(FIELDS, draft)
    if len(draft.spaces) > MAX_SPACES:
        found.append(Problem("survey.too_many_spaces", "spaces", {"limit": MAX_SPACES}))
    if len(draft.needs) > MAX_NEEDS:
        found.append(Problem("survey.too_many_needs", "needs", {"limit": MAX_NEEDS}))
    seen: set[str] = set()
    for i, space in enumerate(draft.spaces):
        found += validate(SPACE_FIELDS, space, f"spaces.{i}.")
        name = space.name.strip()
        if name and name in seen:
            found.append(Problem("survey.space_twice", f"spaces.{i}.name", {"name": name}))
        seen.add(name)
    for i, need in enumerate(draft.needs):
        found += validate(NEED_FIELDS, need, f"needs.{i}.")
        if need.space.strip() and need.space.strip() not in seen:
            found.append(Problem("survey.need_space_unknown", f"needs.{i}.space", {"name": need.space.strip()}))
    return found


def report_problems(draft: SurveyDraft) -> list[Problem]:
    """What keeps the report from being made (rule book 1.5): a dimension neither answered nor 客户未定, no space at all."""
    found = [Problem("survey.dimension_open", ANSWER[d], {"dimension": d}) for d in DIMENSIONS if not settled(draft, d)]
    if not any(s.name.strip() for s in draft.spaces):
        found.append(Problem("survey.no_spaces", "spaces"))
    return found
