"""What a standard asks of a room type, and the verdict on a room: the window's, the reports' and the commands' one way to it.

The rows are data (resources/standards, and the company's own files beside them: docs/standards.md); lighting/standards.py reads
and compares. The verdict names the row that it was judged by.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from presales_desktop.lighting import standards as data
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.standards import DECORATIVE_SHARE, MAX_EXCESS, Book, Measured, Row, room_index

__all__ = [
    "EN", "GB", "MAX_EXCESS", "Check", "Figures", "RoomType", "RoomVerdict", "Standard", "dwelling_lpd", "find", "judge", "names",
    "refresh", "room_index", "source", "standard", "troubles",
]  # fmt: skip

GB: Final = "GB/T 50034-2024"
EN: Final = "EN 12464-1:2021"
# The group of a company's rows that name none.
OWN_GROUP: Final = "own"
_OWN_WORDS: Final = {"zh": "企业标准", "en": "Company standard"}

CheckName = Literal[
    "average",
    "uniformity",
    "ugr",
    "ra",
    "cylindrical",
    "walls",
    "ceiling",
    "lpd",
    "lpd_target",
    "task",
    "task_u0",
    "surround",
]


@dataclass(frozen=True)
class RoomType:
    """One row of a standard.

    Attributes:
        standard, file: whose row it is, and the data file that it was read from; `table` its place in the standard, "" where it
            is not known; `confirmed` False: entered from secondary sources, not compared with the text.
        lux: maintained average illuminance on the plane, lx; `mixed` when general and local lighting together give it.
        plane, plane_m: reference plane and its height above the floor, m.
        ugr, u0, ra: unified glare rating (at most), uniformity minimum/average and colour rendering (at least); None: not asked.
        cylindrical, wall_lux, ceiling_lux: means at least, lx; None: not asked.
        lpd_target, lpd_limit: power density in W/m², the aim and the mandatory limit (of `limit_standard`).
        limit_confirmed: False while the limit was not compared with the text of its standard.
        lpd_scope: "room", or "dwelling" where all rooms of the flat are judged together.
        mf: maintenance factor for the surroundings of that kind of room; None: not told.
    """

    key: str
    group: str
    zh: str
    en: str
    plane: str
    plane_m: float
    lux: float
    mixed: bool
    ugr: float | None
    u0: float | None
    ra: float | None
    lpd_target: float | None
    lpd_limit: float | None
    lpd_scope: str
    table: str
    mf: float | None
    standard: str = GB
    limit_standard: str = ""
    file: str = ""
    confirmed: bool = True
    cylindrical: float | None = None
    wall_lux: float | None = None
    ceiling_lux: float | None = None
    limit_confirmed: bool = True

    def name(self, language: str) -> str:
        """The room type's name in Chinese or English."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Standard:
    """A standard as the program uses it: names of groups and planes, and the rows by key, the company's among them."""

    standard: str
    limit_standard: str
    groups: dict[str, dict[str, str]]
    planes: dict[str, dict[str, str]]
    rows: dict[str, RoomType]


@dataclass(frozen=True)
class Check:
    """One comparison. `ok` None: nothing to judge (no light yet, or not calculated yet). `hint`: an aim, not mandatory.

    `label`: the name of the task area that it is about. `note` is a code: "over" (more than 20 % above), "mixed", "small_room", "dwelling", "pending" (the value comes shortly), "".
    """

    name: CheckName
    value: float | None
    required: float | None
    ok: bool | None
    hint: bool = False
    note: str = ""
    label: str = ""


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

    @property
    def pending(self) -> bool:
        """Whether something that decides is still being calculated."""
        return any(c.note == "pending" for c in self.checks)

    @property
    def reasons(self) -> tuple[Check, ...]:
        """What the room fails by."""
        return tuple(c for c in self.checks if c.ok is False and not c.hint)


@dataclass(frozen=True)
class Figures:
    """What was calculated for a room: lux on its plane, watts (general and decorative), sizes in m and m², the lowest Ra.

    None: not calculated (yet), or there is nothing to calculate it from.
    """

    average_lux: float
    uniformity: float
    general_w: float
    decorative_w: float
    area_m2: float
    perimeter_m: float
    mounting_height_m: float | None
    lowest_ra: int | None = None
    ugr: float | None = None
    cylindrical_lux: float | None = None
    wall_lux: float | None = None
    ceiling_lux: float | None = None

    @property
    def lpd(self) -> float:
        """Power density as the standard counts it, W/m²: decorative fittings at half."""
        return (self.general_w + DECORATIVE_SHARE * self.decorative_w) / self.area_m2 if self.area_m2 > 0 else 0.0

    @property
    def room_index(self) -> float | None:
        """RI = 2 S / (h x perimeter), any polygon; None without luminaires above the plane."""
        return room_index(self.area_m2, self.perimeter_m, self.mounting_height_m)


@dataclass(frozen=True)
class _Library:
    standards: Mapping[str, Standard]
    rows: Mapping[tuple[str, str], Row]
    troubles: tuple[LightingError, ...] = ()
    stamp: tuple[object, ...] = field(default=())


_lock = threading.Lock()
_held: list[_Library] = []


def _library() -> _Library:
    with _lock:
        if not _held:
            _held.append(_read(_stamp()))
        return _held[0]


def refresh() -> None:
    """Read the company's files again if they changed: asked when a plan is opened, not at every judgement."""
    stamp = _stamp()
    with _lock:
        if _held and _held[0].stamp != stamp:
            _held.clear()


def _stamp() -> tuple[object, ...]:
    found: list[object] = []
    for path in data.company_files():
        try:
            state = path.stat()
        except OSError:
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)


def _read(stamp: tuple[object, ...]) -> _Library:
    """Built in, then the company's: its rows replace those of the same standard and key. A file that cannot be read is left
    out and told by `troubles`: the program must start all the same."""
    books: list[Book] = list(data.built_in())
    wrong: list[LightingError] = []
    for path in data.company_files():
        try:
            books.append(data.read_book(path))
        except LightingError as error:
            wrong.append(error)
    rows: dict[tuple[str, str], Row] = {}
    for book in books:
        rows.update({(row.standard, row.key): row for row in book.rows})
    made = {}
    for name in dict.fromkeys(row.standard for row in rows.values()):
        mine = [book for book in books if any(row.standard == name for row in book.rows)]
        groups = {code: dict(words) for book in mine for code, words in book.groups.items()}
        planes = {code: dict(words) for book in mine for code, words in book.planes.items()}
        limit = next((book.limit_standard for book in mine if book.limit_standard), "")
        types = {row.key: _type(row, groups) for row in rows.values() if row.standard == name}
        if any(t.group == OWN_GROUP for t in types.values()):
            groups.setdefault(OWN_GROUP, _OWN_WORDS)
        made[name] = Standard(name, limit, groups, planes, types)
    return _Library(made, rows, tuple(wrong), stamp)


def _type(row: Row, groups: Mapping[str, object]) -> RoomType:
    group = row.group if row.group in groups or not groups else OWN_GROUP
    return RoomType(
        key=row.key, group=group, zh=row.zh, en=row.en, plane=row.plane, plane_m=row.plane_m, lux=_whole(row.lux), mixed=row.mixed,
        ugr=_maybe(row.ugr), u0=row.u0, ra=_maybe(row.ra), lpd_target=row.lpd_target, lpd_limit=row.lpd_limit,
        lpd_scope=row.lpd_scope, table=row.reference, mf=row.maintenance, standard=row.standard,
        limit_standard=row.limit_standard, file=row.file, confirmed=row.confirmed, cylindrical=_maybe(row.cylindrical),
        wall_lux=_maybe(row.wall_lux), ceiling_lux=_maybe(row.ceiling_lux), limit_confirmed=row.limit_confirmed,
    )  # fmt: skip


def _whole(value: float) -> float:
    """300, not 300.0: these are shown as they stand in the standard."""
    return int(value) if float(value).is_integer() else value


def _maybe(value: float | None) -> float | None:
    return None if value is None else _whole(value)


def names() -> tuple[str, ...]:
    """The standards that can be chosen, the built-in ones first."""
    return tuple(_library().standards)


def troubles() -> tuple[LightingError, ...]:
    """Why files of the company could not be read; () when all is well."""
    return _library().troubles


def standard(name: str = GB) -> Standard:
    """A standard's rows; one that is not known (a file that is gone) has none."""
    return _library().standards.get(name) or Standard(name, "", {}, {}, {})


def find(key: str, name: str = GB) -> RoomType | None:
    """The room type of that key."""
    return standard(name).rows.get(key)


def limits_confirmed(name: str = GB) -> bool:
    """Whether the power density limits of that standard's rows were compared with the text that they come from."""
    return all(row.limit_confirmed for row in standard(name).rows.values() if row.lpd_limit is not None)


def source(row: RoomType) -> str:
    """Where the row stands, e.g. "GB/T 50034-2024 5.3.2"."""
    return f"{row.standard} {row.table}".strip()


def judge(
    room_type: str,
    figures: Figures,
    target_lux: float | None = None,
    dwelling_lpd: float | None = None,
    name: str = GB,
) -> RoomVerdict:
    """The verdict on a room by the standard of that NAME. TARGET_LUX: what was agreed with the customer instead of the row's.

    DWELLING_LPD: W/m² over all rooms of the flat, for rows that are judged by the flat. The rules are lighting/standards.py's.
    """
    row = find(room_type, name)
    target = target_lux or (float(row.lux) if row else None)
    lit = figures.average_lux > 0
    if row is None:
        checks = [] if target is None else [_shown(data.average(figures.average_lux, target), lit)]
    else:
        seen = Measured(
            average_lux=figures.average_lux, uniformity=figures.uniformity, watts=figures.general_w,
            area_m2=figures.area_m2, decorative_w=figures.decorative_w, room_index=figures.room_index, ugr=figures.ugr,
            lowest_ra=figures.lowest_ra, wall_lux=figures.wall_lux, ceiling_lux=figures.ceiling_lux,
            cylindrical_lux=figures.cylindrical_lux,
        )  # fmt: skip
        exact = _library().rows[row.standard, row.key]
        checks = [_shown(c, lit) for c in data.compare(exact, seen, target or float(row.lux), dwelling_lpd)]
        checks += _pending(row, figures) if lit else []
    return RoomVerdict(row, target, tuple(checks), _sum(checks))


def _shown(check: data.Check, lit: bool) -> Check:
    # Ra is the catalogue's: known without light.
    ok = check.ok if lit or check.name == "ra" else None
    return Check(check.name, check.value, check.required, ok, check.hint, check.note)  # type: ignore[arg-type]


def _pending(row: RoomType, figures: Figures) -> list[Check]:
    """What the row asks and the live light does not tell."""
    asked: tuple[tuple[CheckName, float | None, float | None], ...] = (
        ("ugr", row.ugr, figures.ugr), ("cylindrical", row.cylindrical, figures.cylindrical_lux),
    )  # fmt: skip
    return [Check(n, None, r, None, note="pending") for n, r, value in asked if r is not None and value is None]


def _sum(checks: Iterable[Check]) -> bool | None:
    judged = [c.ok for c in checks if not c.hint and c.ok is not None]
    if not judged:
        return None
    return all(judged)


def dwelling_lpd(rooms: Iterable[tuple[str, Figures]], name: str = GB) -> float | None:
    """W/m² over all rooms whose type is judged by the flat; None when there is none."""
    watts = area = 0.0
    for room_type, figures in rooms:
        row = find(room_type, name)
        if row is not None and row.lpd_scope == "dwelling":
            watts += figures.general_w + DECORATIVE_SHARE * figures.decorative_w
            area += figures.area_m2
    return watts / area if area > 0 else None
