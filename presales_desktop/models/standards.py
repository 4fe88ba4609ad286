"""Lighting standards as data: what GB/T 50034-2024 asks of a room type, what GB 55015-2021 limits, and the verdict on a room.

The numbers stand in resources/standards/gb50034-2024.json, one row a room type; the verdict names the row that it was judged by.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from presales_desktop.paths import resource

# GB/T 50034-2024 4.1.5: the calculated average may lie above the standard value by at most this share.
MAX_EXCESS: Final = 0.20
# GB/T 50034-2024 6.3.18: decorative fittings count half in the power density.
DECORATIVE_SHARE: Final = 0.5
# GB 55015-2021: where the room index is 1 or less the power density limit may be raised, by 20 % at most.
SMALL_ROOM_INDEX: Final = 1.0
SMALL_ROOM_RAISE: Final = 1.2

CheckName = Literal["average", "uniformity", "lpd", "lpd_target", "ra"]


@dataclass(frozen=True)
class RoomType:
    """One row of the standard.

    Attributes:
        lux: maintained average illuminance on the plane, lx; `mixed` when general and local lighting together give it.
        plane, plane_m: reference plane and its height above the floor, m.
        ugr, u0, ra: unified glare rating (at most), uniformity minimum/average and colour rendering (at least); None: not asked.
        lpd_target, lpd_limit: power density in W/m², the aim of GB/T 50034-2024 and the mandatory limit of GB 55015-2021.
        lpd_scope: "room", or "dwelling" where all rooms of the flat are judged together.
        table: its table in GB/T 50034-2024, "" where it has not been confirmed.
        mf: maintenance factor for the surroundings of that kind of room (table 4.1.4).
    """

    key: str
    group: str
    zh: str
    en: str
    plane: str
    plane_m: float
    lux: int
    mixed: bool
    ugr: int | None
    u0: float | None
    ra: int | None
    lpd_target: float | None
    lpd_limit: float | None
    lpd_scope: str
    table: str
    mf: float

    def name(self, language: str) -> str:
        """The room type's name in Chinese or English."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Standard:
    """The data file: names of standards, groups and planes, and the rows by key."""

    standard: str
    limit_standard: str
    groups: dict[str, dict[str, str]]
    planes: dict[str, dict[str, str]]
    rows: dict[str, RoomType]


@dataclass(frozen=True)
class Check:
    """One comparison. `ok` None: nothing to judge (not asked, or no light yet). `hint` marks an aim that is not mandatory.

    `note` is a code: "over" (more than 20 % above), "mixed", "small_room", "dwelling", "".
    """

    name: CheckName
    value: float | None
    required: float | None
    ok: bool | None
    hint: bool = False
    note: str = ""


@dataclass(frozen=True)
class RoomVerdict:
    """What the standard says of a room: `ok` None when it has no type or no light."""

    row: RoomType | None
    target_lux: float | None
    checks: tuple[Check, ...]
    ok: bool | None

    def check(self, name: str) -> Check | None:
        """The check of that name, if it was made."""
        return next((c for c in self.checks if c.name == name), None)


@dataclass(frozen=True)
class Figures:
    """What was calculated for a room: lux on its plane, watts (general and decorative), sizes in m and m², the lowest Ra."""

    average_lux: float
    uniformity: float
    general_w: float
    decorative_w: float
    area_m2: float
    perimeter_m: float
    mounting_height_m: float | None
    lowest_ra: int | None = None

    @property
    def lpd(self) -> float:
        """Power density as the standard counts it, W/m²: decorative fittings at half."""
        return (self.general_w + DECORATIVE_SHARE * self.decorative_w) / self.area_m2 if self.area_m2 > 0 else 0.0

    @property
    def room_index(self) -> float | None:
        """RI = 2 S / (h x perimeter), any polygon; None without luminaires above the plane."""
        return room_index(self.area_m2, self.perimeter_m, self.mounting_height_m)


def room_index(area_m2: float, perimeter_m: float, mounting_height_m: float | None) -> float | None:
    """RI = 2 S / (h l), h from the plane to the luminaires (GB/T 50034-2024)."""
    if mounting_height_m is None or mounting_height_m <= 0 or perimeter_m <= 0:
        return None
    return 2.0 * area_m2 / (mounting_height_m * perimeter_m)


@cache
def standard() -> Standard:
    """The rows of GB/T 50034-2024, read once."""
    loaded = json.loads(resource("standards/gb50034-2024.json").read_text("utf-8"))
    rows = {row["key"]: RoomType(**row) for row in loaded["rows"]}
    return Standard(loaded["standard"], loaded["limit_standard"], loaded["groups"], loaded["planes"], rows)


def find(key: str) -> RoomType | None:
    """The room type of that key."""
    return standard().rows.get(key)


def source(row: RoomType) -> str:
    """Where the row stands, e.g. "GB/T 50034-2024 5.3.2"."""
    return f"{standard().standard} {row.table}".strip()


def lpd_limit(value: float | None, row: RoomType, target_lux: float, index: float | None) -> tuple[float | None, bool]:
    """The limit (or aim) in W/m² for this room and whether it was raised for a small room.

    Another illuminance than the row's changes the limit in proportion; RI of 1 or less raises it by 20 %.
    """
    if value is None:
        return None, False
    scaled = value * target_lux / row.lux
    small = index is not None and index <= SMALL_ROOM_INDEX
    return scaled * (SMALL_ROOM_RAISE if small else 1.0), small


def judge(
    room_type: str, figures: Figures, target_lux: float | None = None, dwelling_lpd: float | None = None
) -> RoomVerdict:
    """The verdict on a room. TARGET_LUX: what was agreed with the customer instead of the row's value.

    DWELLING_LPD: W/m² over all rooms of the flat, for rows that are judged by the flat. Mandatory: average, uniformity,
    Ra and the limit of GB 55015-2021; hints: more than 20 % above the target, the aim of GB/T 50034-2024.
    """
    row = find(room_type)
    target = target_lux or (float(row.lux) if row else None)
    checks: list[Check] = []
    lit = figures.average_lux > 0
    if target is not None:
        checks.append(_average(figures.average_lux, target, lit, row))
    if row is not None:
        checks += _quality(figures, row, lit)
        checks += _power(figures, row, target or row.lux, dwelling_lpd, lit)
    return RoomVerdict(row, target, tuple(checks), _sum(checks))


def _average(value: float, target: float, lit: bool, row: RoomType | None) -> Check:
    note = "mixed" if row is not None and row.mixed else ""
    if value > target * (1 + MAX_EXCESS):
        note = "over"
    return Check("average", value, target, _at_least(value, target) if lit else None, note=note)


def _quality(figures: Figures, row: RoomType, lit: bool) -> list[Check]:
    made: list[Check] = []
    if row.u0 is not None:
        ok = round(figures.uniformity, 2) >= row.u0 if lit else None
        made.append(Check("uniformity", figures.uniformity, row.u0, ok))
    if row.ra is not None and figures.lowest_ra is not None:
        made.append(Check("ra", figures.lowest_ra, row.ra, figures.lowest_ra >= row.ra))
    return made


def _power(figures: Figures, row: RoomType, target: float, dwelling_lpd: float | None, lit: bool) -> list[Check]:
    by_dwelling = row.lpd_scope == "dwelling" and dwelling_lpd is not None
    value = dwelling_lpd if by_dwelling else figures.lpd
    # A flat is judged by its own limit, whatever a single room of it was given.
    lux = float(row.lux) if by_dwelling else target
    index = None if by_dwelling else figures.room_index
    made: list[Check] = []
    for name, given in (("lpd", row.lpd_limit), ("lpd_target", row.lpd_target)):
        allowed, small = lpd_limit(given, row, lux, index)
        if allowed is None or value is None:
            continue
        note = "dwelling" if by_dwelling else "small_room" if small else ""
        ok = round(value, 2) <= round(allowed, 2) if lit else None
        made.append(Check(name, value, allowed, ok, hint=name == "lpd_target", note=note))  # type: ignore[arg-type]
    return made


def _at_least(value: float, required: float) -> bool:
    """Whole lux are compared, as they are shown."""
    return round(value) >= round(required) if required >= 10 else value >= required


def _sum(checks: Iterable[Check]) -> bool | None:
    judged = [c.ok for c in checks if not c.hint and c.ok is not None]
    if not judged:
        return None
    return all(judged)


def dwelling_lpd(rooms: Iterable[tuple[str, Figures]]) -> float | None:
    """W/m² over all rooms whose type is judged by the flat; None when there is none."""
    watts = area = 0.0
    for room_type, figures in rooms:
        row = find(room_type)
        if row is not None and row.lpd_scope == "dwelling":
            watts += figures.general_w + DECORATIVE_SHARE * figures.decorative_w
            area += figures.area_m2
    return watts / area if area > 0 else None
