"""Lighting designs: underlays, rooms and luminaires, each a row of its own, so that two designers can edit one plan.

Geometry is in metres in the plan's own axes (x right, y up); angles in degrees, counter-clockwise seen from above.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record


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
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
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
    label: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "design", self.design_id
