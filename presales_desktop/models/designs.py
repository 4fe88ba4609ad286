"""Lighting designs: underlays, rooms and luminaires, each a row of its own, so that two designers can edit one plan.

Geometry is in metres in the plan's own axes (x right, y up); angles in degrees, counter-clockwise seen from above.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.lighting.errors import LightingError
from presales_desktop.models.approvals import Outcome, Steps
from presales_desktop.models.base import Record
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.models.workflow import Transition

STATES: Final = ("draft", "submitted", "approved", "approved_with_notes", "returned", "rejected", "superseded")
APPROVED: Final = ("approved", "approved_with_notes")
# A quote made from a revision in one of these may go to the customer (rule book 2.8): a newer revision takes nothing away from
# what was reviewed, but a revision that was only handed in and taken back is superseded, too, so its decisions count as well.
QUOTABLE: Final = (*APPROVED, "superseded")
TRANSITIONS: Final = (
    Transition("submit", ("draft",), "submitted", "design.submit"),
    Transition("approve", ("submitted",), "approved", "design.review", ("comment",)),
    Transition("approve_with_notes", ("submitted",), "approved_with_notes", "design.review", ("comment!",)),
    Transition("return", ("submitted",), "returned", "design.review", ("comment!",)),
    Transition("reject", ("submitted",), "rejected", "design.review", ("comment!",)),
    Transition("revise", ("submitted", "approved", "approved_with_notes", "returned", "rejected"), None, "design.edit"),
    Transition("calculate", STATES, None, "design.view"),
)
# One other person of design, technical or sales management decides; more steps can be named here (rule book 2.8).
REVIEW_STEPS: Final = Steps("design", ("review",), above_author=())

_T = FieldType
FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("revision", _T.INTEGER, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("title", _T.TEXT, required=True, max_length=120),
    Field("case_id", _T.REFERENCE, required=True, target="case"),
    Field("customer_id", _T.REFERENCE, target="customer", read_only=True),
    Field("survey_id", _T.REFERENCE, target="survey"),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("maintenance_factor", _T.DECIMAL, required=True, low=Decimal("0.3"), high=1),
    Field("grid_spacing_m", _T.DECIMAL, required=True, unit="m", low=Decimal("0.05"), high=2),
    Field("standard", _T.TEXT, required=True, max_length=60),
    Field("hours_per_year", _T.DECIMAL, required=True, unit="h", low=0, high=8784),
    Field("notes", _T.MULTILINE, max_length=4000),
    Field("rooms", _T.PARTS, target="room"),
    Field("luminaires", _T.PARTS, target="luminaire"),
    Field("underlays", _T.PARTS, target="underlay"),
    Field("items", _T.PARTS, target="plan_item"),
)
# "" in a room: its maintenance factor is typed, not read from the tables.
ENVIRONMENTS: Final = ("clean", "normal", "dirty")
HOUSINGS: Final = ("open", "closed_top", "enclosed", "dustproof", "uplighter")
# What else stands on a plan: solids that hide and reflect light, holes in walls, areas with values of their own, and notes.
SOLIDS: Final = ("column", "furniture", "partition")
OPENINGS: Final = ("door", "window")
AREAS: Final = ("task", "keep_out")
NOTES: Final = ("dimension", "text")
ITEM_TYPES: Final = (*SOLIDS, *OPENINGS, *AREAS, "observer", *NOTES)
# How many points each type stands on: at least, at most.
ITEM_POINTS: Final[dict[str, tuple[int, int]]] = {
    "column": (3, 200), "furniture": (3, 200), "partition": (2, 2), "door": (2, 2), "window": (2, 2), "task": (3, 200),
    "keep_out": (3, 200), "observer": (1, 1), "dimension": (2, 2), "text": (1, 1),
}  # fmt: skip
_REFLECTANCE = {"low": 0, "high": Decimal("0.99")}
_COORDINATE = {"unit": "m", "low": -100_000, "high": 100_000}
ROOM_FIELDS: Final = (
    Field("name", _T.TEXT, required=True, max_length=60),
    Field("floor", _T.TEXT, required=True, max_length=20),
    Field("room_type", _T.TEXT, max_length=60),
    Field("polygon", _T.PARTS, required=True, target="point"),
    Field("height_m", _T.DECIMAL, required=True, unit="m", low=Decimal("0.5"), high=60),
    Field("workplane_m", _T.DECIMAL, required=True, unit="m", low=0, high=20),
    Field("margin_m", _T.DECIMAL, required=True, unit="m", low=0, high=5),
    Field("reflectance_ceiling", _T.DECIMAL, required=True, **_REFLECTANCE),  # type: ignore[arg-type]
    Field("reflectance_walls", _T.DECIMAL, required=True, **_REFLECTANCE),  # type: ignore[arg-type]
    Field("reflectance_floor", _T.DECIMAL, required=True, **_REFLECTANCE),  # type: ignore[arg-type]
    Field("maintenance_factor", _T.DECIMAL, low=Decimal("0.3"), high=1),
    Field("target_lux", _T.DECIMAL, unit="lx", low=1, high=10_000),
    Field("survey_space_id", _T.REFERENCE, target="survey_space"),
    Field("environment", _T.CHOICE, choices=ENVIRONMENTS),
    Field("housing", _T.CHOICE, required=True, choices=HOUSINGS),
    Field("cleaning_years", _T.DECIMAL, required=True, unit="a", low=Decimal("0.25"), high=3),
    Field("hours_per_year", _T.DECIMAL, unit="h", low=0, high=8784),
    Field("eye_m", _T.DECIMAL, required=True, unit="m", low=Decimal("0.5"), high=3),
    Field("cylindrical", _T.FLAG),
    Field("vertical", _T.FLAG),
    Field("high_m", _T.DECIMAL, unit="m", low=Decimal("0.5"), high=60),
    Field("rise_deg", _T.DECIMAL, required=True, unit="°", low=-360_000, high=360_000),
)
LUMINAIRE_FIELDS: Final = (
    Field("variant_id", _T.REFERENCE, required=True, target="variant"),
    Field("floor", _T.TEXT, required=True, max_length=20),
    Field("x_m", _T.DECIMAL, required=True, **_COORDINATE),  # type: ignore[arg-type]
    Field("y_m", _T.DECIMAL, required=True, **_COORDINATE),  # type: ignore[arg-type]
    Field("z_m", _T.DECIMAL, required=True, unit="m", low=-20, high=100),
    Field("rotation_deg", _T.DECIMAL, required=True, unit="°", low=-360_000, high=360_000),
    Field("tilt_deg", _T.DECIMAL, required=True, unit="°", low=-180, high=180),
    Field("flux_factor", _T.DECIMAL, required=True, low=0, high=2),
    Field("decorative", _T.FLAG),
    Field("group_id", _T.REFERENCE, target="luminaire"),
    Field("circuit", _T.TEXT, max_length=20),
    Field("label", _T.TEXT, max_length=40),
)
ITEM_FIELDS: Final = (
    Field("type", _T.CHOICE, required=True, choices=ITEM_TYPES),
    Field("floor", _T.TEXT, required=True, max_length=20),
    Field("name", _T.TEXT, max_length=60),
    Field("points", _T.PARTS, required=True, target="point"),
    Field("thickness_m", _T.DECIMAL, required=True, unit="m", low=Decimal("0.01"), high=5),
    Field("bottom_m", _T.DECIMAL, required=True, unit="m", low=0, high=60),
    Field("top_m", _T.DECIMAL, unit="m", low=Decimal("0.01"), high=60),
    Field("reflectance", _T.DECIMAL, required=True, **_REFLECTANCE),  # type: ignore[arg-type]
    Field("rotation_deg", _T.DECIMAL, required=True, unit="°", low=-360_000, high=360_000),
    Field("target_lux", _T.DECIMAL, unit="lx", low=1, high=10_000),
    Field("uniformity", _T.DECIMAL, low=0, high=1),
    Field("surround_m", _T.DECIMAL, required=True, unit="m", low=0, high=5),
    Field("text", _T.MULTILINE, max_length=400),
)
UNDERLAY_FIELDS: Final = (
    Field("name", _T.TEXT, required=True, max_length=200),
    Field("floor", _T.TEXT, required=True, max_length=20),
    Field("format", _T.CHOICE, required=True, choices=("dxf", "image")),
    Field("sha256", _T.TEXT, required=True, max_length=64),
    Field("metres_per_unit", _T.DECIMAL, low=Decimal("0.000000001"), high=100_000),
    Field("x_m", _T.DECIMAL, required=True, **_COORDINATE),  # type: ignore[arg-type]
    Field("y_m", _T.DECIMAL, required=True, **_COORDINATE),  # type: ignore[arg-type]
    Field("rotation_deg", _T.DECIMAL, required=True, unit="°", low=-360_000, high=360_000),
    Field("opacity", _T.DECIMAL, required=True, low=0, high=1),
    Field("locked", _T.FLAG),
    Field("visible", _T.FLAG),
)
MAX_ROOMS: Final = 500
MAX_LUMINAIRES: Final = 5000
MAX_CORNERS: Final = 200
MAX_ITEMS: Final = 2000


def passed(state: str, decided: Outcome) -> bool:
    """Whether a revision in STATE whose decisions add up to DECIDED has passed its review."""
    return state in QUOTABLE and decided is Outcome.APPROVED


class Design(Record):
    """One revision of a lighting design. Revisions of one design share `family_id` and `number`."""

    __tablename__ = "design"
    __table_args__ = (Index("ix_design_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "design"

    number: Mapped[str] = mapped_column(index=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    survey_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    maintenance_factor: Mapped[float] = mapped_column(default=0.8)
    grid_spacing_m: Mapped[float] = mapped_column(default=0.25)
    standard: Mapped[str] = mapped_column(default="GB/T 50034-2024")
    hours_per_year: Mapped[float] = mapped_column(default=2500.0)
    moods: Mapped[list[Any]] = mapped_column(default=list)
    view: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str] = mapped_column(default="")
    frozen: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[UUID | None]

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.title, f"{self.number}-R{self.revision}", self.notes[:300]


class Underlay(Record):
    """A plan to draw on. `metres_per_unit` comes from two points that a person measured, never from a header."""

    __tablename__ = "underlay"
    KIND: ClassVar[str] = "underlay"

    design_id: Mapped[UUID] = mapped_column(ForeignKey("design.id"), index=True)
    floor: Mapped[str] = mapped_column(default="1F")
    format: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    metres_per_unit: Mapped[float | None]
    calibration: Mapped[dict[str, Any]] = mapped_column(default=dict)
    x_m: Mapped[float] = mapped_column(default=0.0)
    y_m: Mapped[float] = mapped_column(default=0.0)
    rotation_deg: Mapped[float] = mapped_column(default=0.0)
    hidden_layers: Mapped[list[str]] = mapped_column(default=list)
    opacity: Mapped[float] = mapped_column(default=0.6)
    locked: Mapped[bool] = mapped_column(default=True)
    visible: Mapped[bool] = mapped_column(default=True)
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "design", self.design_id


class Room(Record):
    """A prism over a simple polygon. `polygon` is [[x, y], …] in metres, counter-clockwise, not closed."""

    __tablename__ = "room"
    KIND: ClassVar[str] = "room"

    design_id: Mapped[UUID] = mapped_column(ForeignKey("design.id"), index=True)
    floor: Mapped[str] = mapped_column(default="1F")
    name: Mapped[str]
    room_type: Mapped[str] = mapped_column(default="")
    polygon: Mapped[list[Any]]
    height_m: Mapped[float] = mapped_column(default=2.8)
    workplane_m: Mapped[float] = mapped_column(default=0.75)
    margin_m: Mapped[float] = mapped_column(default=0.5)
    reflectance_ceiling: Mapped[float] = mapped_column(default=0.7)
    reflectance_walls: Mapped[float] = mapped_column(default=0.5)
    reflectance_floor: Mapped[float] = mapped_column(default=0.2)
    maintenance_factor: Mapped[float | None]
    target_lux: Mapped[float | None]
    survey_space_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey_space.id"))
    environment: Mapped[str] = mapped_column(default="")
    housing: Mapped[str] = mapped_column(default="enclosed")
    cleaning_years: Mapped[float] = mapped_column(default=1.0)
    hours_per_year: Mapped[float | None]
    eye_m: Mapped[float] = mapped_column(default=1.2)
    cylindrical: Mapped[bool] = mapped_column(default=False)
    vertical: Mapped[bool] = mapped_column(default=False)
    high_m: Mapped[float | None]
    rise_deg: Mapped[float] = mapped_column(default=0.0)
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "design", self.design_id


class Luminaire(Record):
    """One placed luminaire. `z_m` is the height of its light centre above the floor."""

    __tablename__ = "luminaire"
    KIND: ClassVar[str] = "luminaire"

    design_id: Mapped[UUID] = mapped_column(ForeignKey("design.id"), index=True)
    floor: Mapped[str] = mapped_column(default="1F")
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"), index=True)
    x_m: Mapped[float]
    y_m: Mapped[float]
    z_m: Mapped[float]
    rotation_deg: Mapped[float] = mapped_column(default=0.0)
    tilt_deg: Mapped[float] = mapped_column(default=0.0)
    flux_factor: Mapped[float] = mapped_column(default=1.0)
    decorative: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[UUID | None]
    circuit: Mapped[str] = mapped_column(default="")
    label: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "design", self.design_id


class PlanItem(Record):
    """What else stands on a plan (ITEM_TYPES). `points` [[x, y], …] in metres: an outline, both ends of a line, or a place.

    `bottom_m` and `top_m` are heights over the floor (top None: up to the ceiling); for a task area and an observer `bottom_m`
    is the height of its plane or eye. `rotation_deg` of an observer is where it looks to.
    """

    __tablename__ = "plan_item"
    KIND: ClassVar[str] = "plan_item"

    design_id: Mapped[UUID] = mapped_column(ForeignKey("design.id"), index=True)
    floor: Mapped[str] = mapped_column(default="1F")
    type: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    points: Mapped[list[Any]]
    thickness_m: Mapped[float] = mapped_column(default=0.1)
    bottom_m: Mapped[float] = mapped_column(default=0.0)
    top_m: Mapped[float | None]
    reflectance: Mapped[float] = mapped_column(default=0.5)
    rotation_deg: Mapped[float] = mapped_column(default=0.0)
    target_lux: Mapped[float | None]
    uniformity: Mapped[float | None]
    surround_m: Mapped[float] = mapped_column(default=0.5)
    text: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "design", self.design_id


def problems(fields: Iterable[Field], part: object, prefix: str = "") -> list[Problem]:
    """Problems of a design or one of its parts. Drafts hold geometry as float; the fields' bounds are checked all the same."""
    view = SimpleNamespace()
    listed = tuple(fields)
    for field in listed:
        value = getattr(part, field.name, None)
        if field.type is FieldType.DECIMAL and isinstance(value, (int, float)) and not isinstance(value, bool):
            value = Decimal(repr(float(value)))
        setattr(view, field.name, value)
    return validate(listed, view, prefix)


def outline_problems(polygon: Sequence[Any], height_m: float, field: str) -> list[Problem]:
    """Whether POLYGON (corners in metres) is a room: 3 … 200 corners, finite, not crossing itself, with an area."""
    from presales_desktop.lighting import rooms

    try:
        corners = tuple((float(x), float(y)) for x, y in polygon)
        rooms.check(rooms.Room(corners, max(min(float(height_m), 200.0), 0.1)))
    except (TypeError, ValueError):
        return [Problem("design.outline_malformed", field)]
    except LightingError as error:
        code = "design.outline_corners" if error.code == "room.corners" else "design.outline_crossing"
        if error.code == "room.too_large":
            code = "design.outline_too_large"
        return [Problem(code, field, {"limit": MAX_CORNERS, "found": len(polygon)})]
    return []


def item_problems(part: Any, prefix: str = "") -> list[Problem]:
    """What is wrong with a plan item's own geometry: the number of its points, an outline that crosses itself, its heights."""
    low, high = ITEM_POINTS.get(part.type, (1, MAX_CORNERS))
    field = f"{prefix}points"
    try:
        corners = [(float(x), float(y)) for x, y in part.points]
    except (TypeError, ValueError):
        return [Problem("design.outline_malformed", field)]
    if not low <= len(corners) <= high or not all(math.isfinite(v) and abs(v) <= 100_000 for c in corners for v in c):
        return [Problem("design.item_points", field, {"low": low, "high": high, "found": len(corners)})]
    found = outline_problems(corners, 2.8, field) if low >= 3 else []
    if low == 2 and math.dist(*corners) < 0.01:
        found = [Problem("design.item_short", field)]
    if part.type in (*SOLIDS, *OPENINGS) and part.top_m is not None and part.top_m <= part.bottom_m:
        found.append(Problem("design.item_heights", f"{prefix}top_m", {"bottom": f"{part.bottom_m:g}"}))
    return found


def area_m2(polygon: Sequence[Sequence[float]]) -> float:
    """Area of a simple polygon (shoelace), m²; positive for either sense."""
    return abs(signed_area(polygon))


def signed_area(polygon: Sequence[Sequence[float]]) -> float:
    """Area of a simple polygon, positive when counter-clockwise."""
    total = 0.0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        total += x1 * y2 - x2 * y1
    return total / 2


def perimeter_m(polygon: Sequence[Sequence[float]]) -> float:
    """Length of the outline, m."""
    return sum(math.dist(a, b) for a, b in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True))


def contains(polygon: Sequence[Sequence[float]], x: float, y: float) -> bool:
    """Whether a point lies in a polygon (even-odd rule)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
