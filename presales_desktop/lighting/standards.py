"""What standards ask of a room, as data files that a company may override, and the verdict on what was calculated.

A file is ``{"standard": name, "rows": [{"key": …}]}`` (docs/standards.md). The built-in ones are resources/standards; files of the
same form in the ``standards`` folder beside the program's settings, and those that a scene names, replace rows of the same
key and standard and add others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.fields import Fields, load
from presales_desktop.paths import config_dir, resource

BUILT_IN = ("gb50034-2024.json", "en12464-1-2021.json")
MAX_ROWS = 2000
# GB/T 50034-2024 4.1.5: the calculated average may lie above the standard value by at most this share.
MAX_EXCESS = 0.20
# GB/T 50034-2024 6.3.18: decorative fittings count half in the power density.
DECORATIVE_SHARE = 0.5
# GB 55015-2021: at a room index of 1 or less the power density limit may be raised, by 20 % at most.
SMALL_ROOM_INDEX, SMALL_ROOM_RAISE = 1.0, 1.2
# GB/T 50034-2024 4.2.4 for rooms of long stay: means of wall and ceiling, lx; shares of the task's.
GB_WALL_LUX, GB_CEILING_LUX = 50.0, 30.0
# Surround of a task: (task at least, surround at least), lx; below the last the surround is as the task.
SURROUND_GB = ((750.0, 500.0), (500.0, 300.0), (300.0, 200.0))
SURROUND_EN = ((750.0, 500.0), (500.0, 300.0), (300.0, 200.0), (200.0, 150.0))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a standard; None: not asked. ``file`` tells where it was read."""

    standard: str
    key: str
    reference: str
    zh: str
    en: str
    lux: float
    plane_m: float = 0.75
    mixed: bool = False
    lux_modified: float | None = None
    ugr: float | None = None
    u0: float | None = None
    ra: float | None = None
    lpd_target: float | None = None
    lpd_limit: float | None = None
    limit_standard: str = ""
    limit_confirmed: bool = True  # False: the power density limit was not compared with the text of `limit_standard`
    cylindrical: float | None = None
    wall_lux: float | None = None
    ceiling_lux: float | None = None
    maintenance: float | None = None
    confirmed: bool = True
    file: str = ""
    group: str = ""
    plane: str = ""
    lpd_scope: str = "room"  # "dwelling": all rooms of the flat are judged together

    @property
    def european(self) -> bool:
        """Whether the row's standard is EN 12464."""
        return self.standard.startswith("EN")

    def shown(self) -> dict[str, object]:
        """The row as an answer shows it: where it stands and what it asks."""
        names = (
            "standard", "key", "reference", "zh", "en", "lux", "lux_modified", "mixed", "plane_m", "u0", "ugr", "ra",
            "lpd_limit", "lpd_target", "limit_standard", "limit_confirmed", "cylindrical", "wall_lux", "ceiling_lux", "confirmed", "file",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Book:
    """One data file: its standard, the words (zh, en) of groups and planes by their codes, and the rows."""

    standard: str
    limit_standard: str
    groups: Mapping[str, Mapping[str, str]]
    planes: Mapping[str, Mapping[str, str]]
    rows: tuple[Row, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What was calculated for a room; None where it was not."""

    average_lux: float
    uniformity: float
    watts: float  # general lighting, drivers included
    area_m2: float
    decorative_w: float = 0.0
    room_index: float | None = None
    ugr: float | None = None
    lowest_ra: float | None = None
    wall_lux: float | None = None
    ceiling_lux: float | None = None
    cylindrical_lux: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison; ``hint`` is an aim that is not mandatory. ``note``: "over", "mixed", "small_room", "dwelling" or ""."""

    name: str
    value: float
    required: float
    ok: bool
    hint: bool = False
    note: str = ""


def read_rows(path: Path) -> list[Row]:
    """The rows of a data file.

    :raises LightingError: scene.*, standard.* with file and field
    """
    return list(read_book(path).rows)


def read_book(path: Path) -> Book:
    """A data file whole.

    :raises LightingError: scene.*, standard.* with file and field
    """
    fields = load(path)
    name = fields.text("standard")
    limit = fields.text("limit_standard", "")
    sure = fields.flag("limit_confirmed", True)
    rows = tuple(_row(part, name, limit, path.name, sure) for part in fields.parts("rows", limit=MAX_ROWS))
    return Book(name, limit, _words(fields, "groups"), _words(fields, "planes"), rows, path.name)


def _words(fields: Fields, key: str) -> dict[str, dict[str, str]]:
    """{code: {"zh", "en"}}; a word without English stands for itself."""
    part = fields.part(key, {})
    found = {}
    for code in part.names():
        each = part.part(code)
        found[code] = {"zh": each.text("zh"), "en": each.text("en", each.text("zh"))}
    return found


def _row(part: Fields, standard: str, limit_standard: str, file: str, limit_confirmed: bool = True) -> Row:
    def maybe(key: str, high: float = 1e5) -> float | None:
        return part.number(key, low=0.0, high=high) if part.has(key) else None

    key = part.text("key")
    chinese = part.text("zh", key)
    return Row(
        standard=part.text("standard", standard),
        key=key,
        reference=part.text("reference", part.text("table", "")),
        zh=chinese,
        en=part.text("en", chinese),
        lux=part.number("lux", low=0.1, high=1e5),
        plane_m=part.number("plane_m", 0.75, low=0.0, high=100.0),
        mixed=part.flag("mixed", False),
        lux_modified=maybe("lux_modified"),
        ugr=maybe("ugr", 40.0),
        u0=maybe("u0", 1.0),
        ra=maybe("ra", 100.0),
        lpd_target=maybe("lpd_target"),
        lpd_limit=maybe("lpd_limit"),
        limit_standard=limit_standard,
        limit_confirmed=part.flag("limit_confirmed", limit_confirmed),
        cylindrical=maybe("cylindrical"),
        wall_lux=maybe("wall_lux"),
        ceiling_lux=maybe("ceiling_lux"),
        maintenance=maybe("mf", 1.0),
        confirmed=part.flag("confirmed", bool(part.text("reference", part.text("table", "")))),
        file=file,
        group=part.text("group", ""),
        plane=part.text("plane", ""),
        lpd_scope=part.text("lpd_scope", "room"),
    )


def company_files(folder: Path | None = None) -> list[Path]:
    """Data files of the company, in the order of their names; ``folder`` None is the one beside the settings."""
    place = folder if folder is not None else config_dir() / "standards"
    # The maintenance tables share the folder, but hold no rows.
    return sorted(path for path in place.glob("*.json") if path.name != "maintenance.json") if place.is_dir() else []


def library(extra: Iterable[Path] = (), folder: Path | None = None) -> dict[tuple[str, str], Row]:
    """All rows by (standard, key): built in, then the company's, then ``extra``; later ones replace earlier ones.

    :raises LightingError: as :func:`read_rows`, for files that are not built in
    """
    rows = dict(_built_in())
    for path in [*company_files(folder), *extra]:
        rows.update({(row.standard, row.key): row for row in read_rows(path)})
    return rows


@lru_cache(maxsize=1)
def built_in() -> tuple[Book, ...]:
    """The files that come with the program, read once."""
    return tuple(read_book(resource(f"standards/{name}")) for name in BUILT_IN)


def _built_in() -> Mapping[tuple[str, str], Row]:
    return {(row.standard, row.key): row for book in built_in() for row in book.rows}


def find(rows: Mapping[tuple[str, str], Row], name: str) -> list[Row]:
    """The rows that a scene's ``room_type`` names: a key, or "standard: key"; empty where there is none."""
    standard, colon, key = name.rpartition(":")
    wanted = key.strip()
    found = [row for (of, k), row in rows.items() if k == wanted and (not colon or standard.strip() in of)]
    return sorted(found, key=lambda row: row.european)


def surround_lux(task_lux: float, *, european: bool) -> float:
    """What the band around a task needs at least, lx (GB/T 50034-2024 table 4.2.2; EN 12464-1:2021 table 1)."""
    ladder = SURROUND_EN if european else SURROUND_GB
    return next((around for task, around in ladder if task_lux >= task), task_lux)


def room_index(area_m2: float, perimeter_m: float, mounting_height_m: float | None) -> float | None:
    """RI = 2 S / (h l), h from the plane to the luminaires (GB/T 50034-2024); None without a height."""
    if mounting_height_m is None or mounting_height_m <= 0 or perimeter_m <= 0:
        return None
    return 2.0 * area_m2 / (mounting_height_m * perimeter_m)


def judge(row: Row, seen: Measured, target_lux: float | None = None) -> dict[str, Any]:
    """{"row", "target_lux", "ok", "checks"}: what the row says of a room; ``target_lux`` replaces the row's own."""
    target = target_lux or row.lux
    checks = compare(row, seen, target)
    mandatory = [check.ok for check in checks if not check.hint]
    return {
        "row": row.shown(),
        "target_lux": target,
        "ok": all(mandatory),
        "checks": [
            {"name": c.name, "value": c.value, "required": c.required, "ok": c.ok, "hint": c.hint, "note": c.note}
            for c in checks
        ],
    }


def compare(row: Row, seen: Measured, target_lux: float, dwelling_lpd: float | None = None) -> list[Check]:
    """Every comparison of a room with its row. DWELLING_LPD: W/m2 over the whole flat, for rows that are judged by it."""
    checks = [average(seen.average_lux, target_lux, row)]
    checks += _quality(row, seen)
    checks += _surfaces(row, seen)
    checks += _power(row, seen, target_lux, dwelling_lpd)
    return checks


def average(value: float, target: float, row: Row | None = None) -> Check:
    """The maintained average against a target, with or without a row."""
    note = "mixed" if row is not None and row.mixed else ""
    if (row is None or not row.european) and value > target * (1 + MAX_EXCESS):
        note = "over"
    # Whole lux are compared, as they are shown.
    ok = round(value) >= round(target) if target >= 10 else value >= target
    return Check("average", value, target, ok, note=note)


def _quality(row: Row, seen: Measured) -> list[Check]:
    made: list[Check] = []
    if row.u0 is not None:
        made.append(Check("uniformity", seen.uniformity, row.u0, round(seen.uniformity, 2) >= row.u0))
    if row.ugr is not None and seen.ugr is not None:
        made.append(Check("ugr", seen.ugr, row.ugr, round(seen.ugr, 1) <= row.ugr))
    if row.ra is not None and seen.lowest_ra is not None:
        made.append(Check("ra", seen.lowest_ra, row.ra, seen.lowest_ra >= row.ra))
    if row.cylindrical is not None and seen.cylindrical_lux is not None:
        value = seen.cylindrical_lux
        made.append(Check("cylindrical", value, row.cylindrical, round(value) >= row.cylindrical))
    return made


def _surfaces(row: Row, seen: Measured) -> list[Check]:
    walls, ceiling = row.wall_lux, row.ceiling_lux
    # GB/T 50034-2024 4.2.4 speaks of rooms of long stay: those that it asks a glare rating of 19 of.
    hint = not row.european
    if hint and row.ugr is not None and row.ugr <= 19:
        walls, ceiling = walls or GB_WALL_LUX, ceiling or GB_CEILING_LUX
    pairs = (("walls", seen.wall_lux, walls), ("ceiling", seen.ceiling_lux, ceiling))
    return [
        Check(name, value, asked, round(value) >= asked, hint)
        for name, value, asked in pairs
        if value is not None and asked is not None
    ]


def _power(row: Row, seen: Measured, target: float, dwelling_lpd: float | None) -> list[Check]:
    by_dwelling = row.lpd_scope == "dwelling" and dwelling_lpd is not None
    if seen.area_m2 <= 0 and not by_dwelling:
        return []
    value = (
        (seen.watts + DECORATIVE_SHARE * seen.decorative_w) / seen.area_m2
        if dwelling_lpd is None or not by_dwelling
        else dwelling_lpd
    )
    small = not by_dwelling and seen.room_index is not None and seen.room_index <= SMALL_ROOM_INDEX
    # Another illuminance than the row's changes the limit in proportion; a flat is judged by its own limit,
    # whatever a single room of it was given.
    share = 1.0 if by_dwelling else target / row.lux
    note = "dwelling" if by_dwelling else "small_room" if small else ""
    made = []
    for name, given in (("lpd", row.lpd_limit), ("lpd_target", row.lpd_target)):
        if given is None:
            continue
        allowed = given * share * (SMALL_ROOM_RAISE if small else 1.0)
        made.append(Check(name, value, allowed, round(value, 2) <= round(allowed, 2), name == "lpd_target", note))
    return made


def unknown(fields: Fields, name: str, rows: Mapping[tuple[str, str], Row]) -> LightingError:
    """The refusal of a room type that no file has."""
    some = ", ".join(sorted({key for _, key in rows})[:8])
    return LightingError(
        "standard.unknown", file=fields.file, field=fields.name("room_type"), expected=some, found=name
    )
