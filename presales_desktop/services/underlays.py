"""Plans to draw on: DXF drawings and pictures, read into polylines that a canvas draws fast. Pure: bytes in, `Plan` out.

A header's unit is only a hint (many lie): the scale comes from two points and a length that a person typed (`scale_of`).
"""

from __future__ import annotations

import hashlib
import io
import logging
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from presales_desktop.models.errors import InputError
from presales_desktop.services import contents, dxf_lines
from presales_desktop.services.dxf_lines import Taken
from presales_desktop.services.watching import WHOLE, Step, Stopped, Watch, WatchedBytes
from presales_desktop.services.work import Work

Floats32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

MAX_BYTES: Final = 60 * 1024 * 1024
MAX_PIXELS: Final = 60_000_000
MAX_ENTITIES: Final = 120_000
MAX_POINTS: Final = 1_500_000
MAX_TEXTS: Final = 3_000
# From here on a drawing's plain lines are read past the library (dxf_lines.py).
LARGE_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 12
SHOWN_EDGE_PX: Final = 4000
# A coordinate beyond this is damage, not a building.
_FARTHEST = 1e12
# $INSUNITS → metres (DXF reference); 0 means "not said".
UNITS: Final = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 8: 0.0000254, 10: 0.9144, 14: 0.1}
# Buildings that people light are between a closet and an exhibition hall.
_PLAUSIBLE_M = (3.0, 600.0)
_CURVED: Final = frozenset({"ARC", "CIRCLE", "ELLIPSE", "SPLINE", "LWPOLYLINE", "POLYLINE", "HELIX"})
# Of a hundred: how far taking out a large file's plain lines has come, reading the lines of the rest, and understanding them; what is
# left is drawing.
_TAKEN, _READ, _UNDERSTOOD = 15, 30, 85
_MADE_OF_PARTS: Final = frozenset({"INSERT", "DIMENSION", "ARC_DIMENSION", "LEADER", "MLINE", "MULTILEADER"})


@dataclass(frozen=True)
class Doubt:
    """Something a person should know about a file that could be read; the sentence stands in texts/designs.py."""

    code: str
    values: dict[str, object]


@dataclass(frozen=True, eq=False)
class Layer:
    """The lines of one layer: `points` [n, 2] in the file's units from the plan's lower left corner; line k runs from
    starts[k] to starts[k + 1]. `off`: switched off or frozen in the file."""

    name: str
    points: Floats32
    starts: Ints
    texts: tuple[PlanText, ...] = ()
    off: bool = False

    def lines(self) -> Iterator[Floats32]:
        """Each polyline [m, 2]."""
        for a, b in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.points[a:b]


@dataclass(frozen=True)
class PlanText:
    """A word on the plan: lower left corner, height (file's units), rotation in degrees."""

    x: float
    y: float
    height: float
    rotation_deg: float
    text: str


@dataclass(frozen=True, eq=False)
class Plan:
    """A file that was read. Coordinates count from its lower left corner, y up; `width`, `height` in the file's units.

    `hint_m`: metres per unit as the header says, None when it says nothing; `hint_plausible` False when the plan would then
    be no building. `picture`: PNG or JPEG bytes of an image, reduced to 4000 px at most.
    """

    format: str
    name: str
    width: float
    height: float
    layers: tuple[Layer, ...] = ()
    picture: bytes = b""
    hint_m: float | None = None
    hint_plausible: bool = False
    doubts: tuple[Doubt, ...] = ()

    def first_scale(self) -> float:
        """Metres per unit to show the plan with until a person has measured: the hint if it is plausible, else 20 m wide."""
        if self.hint_m is not None and self.hint_plausible:
            return self.hint_m
        return 20.0 / max(self.width, self.height)


def scale_of(a: tuple[float, float], b: tuple[float, float], length_m: float) -> float:
    """Metres per unit from two points in the file's units and the length between them that somebody typed.

    Raises InputError underlay.points_equal, underlay.length_bad.
    """
    distance = math.dist(a, b)
    if not math.isfinite(distance) or distance <= 1e-9:
        raise InputError("underlay.points_equal")
    if not math.isfinite(length_m) or not 0.001 <= length_m <= 100_000:
        raise InputError("underlay.length_bad", found=f"{length_m:g}")
    return length_m / distance


def put(work: Work, data: bytes, name: str) -> str:
    """Keep an underlay's bytes in the workspace; their SHA-256. The caller has read them before (`read`)."""
    work.require("design.view")
    return contents.put_blob(work, data, "image/vnd.dxf" if name.lower().endswith(".dxf") else "image/png", name)


def content(work: Work, sha256: str) -> bytes:
    """The bytes of an underlay."""
    work.require("design.view")
    return contents.blob(work, sha256)


class _Cache:
    """The last plans that were read: opening a design again, or its report, parses nothing twice."""

    def __init__(self, size: int = 4) -> None:
        self._lock = threading.Lock()
        self._plans: dict[str, Plan] = {}
        self._size = size

    def get(self, data: bytes, name: str, step: Step) -> Plan:
        key = hashlib.sha256(data).hexdigest()
        with self._lock:
            if key in self._plans:
                return self._plans[key]
        made = parse(data, name, step)
        with self._lock:
            while len(self._plans) >= self._size:
                self._plans.pop(next(iter(self._plans)))
            self._plans[key] = made
        return made


_cache = _Cache()


def _unwatched(_done: int, _total: int) -> None:
    """Nobody looks."""


def read(data: bytes, name: str, step: Step = _unwatched) -> Plan:
    """A plan from a file's bytes, from memory when it was read lately. Raises InputError as `parse`, and what STEP raises."""
    return _cache.get(data, name, step)


def parse(data: bytes, name: str, step: Step = _unwatched) -> Plan:
    """A plan from a DXF drawing or a picture; what it is, its bytes say. STEP hears of the progress with a drawing.

    Raises InputError file.empty, file.too_large, underlay.dwg, underlay.pdf, underlay.unknown, underlay.unreadable,
    underlay.nothing_drawn, image.unreadable.
    """
    if not data:
        raise InputError("file.empty", file=name)
    if len(data) > MAX_BYTES:
        raise InputError("file.too_large", file=name, size=f"{len(data) >> 20} MB", limit=f"{MAX_BYTES >> 20} MB")
    head = data[:64]
    if head[:4] in (b"AC10", b"AC1.", b"AC2."):
        raise InputError("underlay.dwg", file=name)
    if head.lstrip()[:5] == b"%PDF-":
        raise InputError("underlay.pdf", file=name)
    if (
        head[:8] == b"\x89PNG\r\n\x1a\n"
        or head[:2] == b"\xff\xd8"
        or head[:2] == b"BM"
        or head[:4] in (b"RIFF", b"GIF8")
    ):
        return _picture(data, name)
    if _looks_like_dxf(data):
        return _drawing(data, name, step)
    raise InputError("underlay.unknown", file=name)


def _looks_like_dxf(data: bytes) -> bool:
    start = data[:4096]
    return start.startswith(b"AutoCAD Binary DXF") or b"SECTION" in start or b"$ACADVER" in start


# -- pictures ----------------------------------------------------------------------------------------------------------


def _picture(data: bytes, name: str) -> Plan:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise InputError("file.too_large", file=name, size=f"{width}x{height}", limit="60 MP")
            image.load()
            if max(width, height) <= SHOWN_EDGE_PX and image.format in ("PNG", "JPEG"):
                shown = data
            else:
                image.thumbnail((SHOWN_EDGE_PX, SHOWN_EDGE_PX))
                out = io.BytesIO()
                image.convert("RGB").save(out, "PNG")
                shown = out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError):
        raise InputError("image.unreadable", file=name) from None
    return Plan("image", name, float(width), float(height), picture=shown)


# -- drawings ----------------------------------------------------------------------------------------------------------


class _Collector:
    """Gathers lines and words by layer until the limits are reached."""

    def __init__(self, watch: Watch | None = None, expected: int = 0) -> None:
        self._watch, self._expected = watch, max(1, min(expected, MAX_ENTITIES))
        self.lines: dict[str, list[npt.NDArray[np.float64]]] = {}
        # Lines of two points each, [n, 2, 2]: there may be hundreds of thousands.
        self.pairs: dict[str, npt.NDArray[np.float64]] = {}
        self.texts: dict[str, list[PlanText]] = {}
        self.entities = self.points = self.text_count = self.skipped = 0
        self.full = False

    def count(self) -> None:
        """One more entity."""
        self.entities += 1
        if self._watch is not None and not self.entities % 1024:
            share = min(1.0, self.entities / self._expected)
            self._watch.at(_UNDERSTOOD + int(share * (WHOLE - _UNDERSTOOD)))

    def line(self, layer: str, points: Any) -> None:
        array = np.asarray(points, dtype=np.float64)
        if array.ndim != 2 or len(array) < 2:
            return
        array = array[:, :2]
        if not np.all(np.isfinite(array)) or float(np.abs(array).max()) > _FARTHEST:
            self.skipped += 1
            return
        self.lines.setdefault(layer, []).append(array)
        self.points += len(array)
        self.full = self.full or self.points >= MAX_POINTS

    def take(self, taken: Taken, name_of: Callable[[bytes], str]) -> None:
        """What was read past the library; NAME_OF gives a layer's name."""
        for raw, pairs in taken.lines.items():
            layer = name_of(raw)
            room = max(0, (MAX_POINTS - self.points) // 2)
            self.full = self.full or len(pairs) > room
            known = self.pairs.get(layer)
            pairs = pairs[:room] if known is None else np.concatenate((known, pairs[:room]))
            self.points += 2 * (len(pairs) - (0 if known is None else len(known)))
            self.pairs[layer] = pairs
        for raw, corners in taken.polylines:
            if self.full:
                return
            self.line(name_of(raw), corners)

    def text(self, layer: str, x: float, y: float, height: float, rotation: float, text: str) -> None:
        numbers = (x, y, height, rotation)
        if self.text_count >= MAX_TEXTS or not text.strip() or height <= 0:
            return
        if not all(math.isfinite(v) and abs(v) < _FARTHEST for v in numbers):
            self.skipped += 1
            return
        self.text_count += 1
        self.texts.setdefault(layer, []).append(PlanText(x, y, height, rotation, text.strip()[:200]))


def _drawing(data: bytes, name: str, step: Step) -> Plan:
    from ezdxf import recover
    from ezdxf.lldxf.const import DXFError

    # The library reports each oddity of a file as a log line; what matters is told as a doubt.
    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)
    watch = Watch(step)
    try:
        watch.at(0)
        taken = dxf_lines.take(data, lambda share: watch.at(int(share * _TAKEN))) if len(data) > LARGE_BYTES else None
        rest = WatchedBytes(data, watch, 0, _READ) if taken is None else WatchedBytes(taken.rest, watch, _TAKEN, _READ)
        document, audit = recover.read(rest, errors="surrogateescape")
        watch.at(_UNDERSTOOD)
        collector = _Collector(watch, len(document.modelspace()))
        if taken is not None:
            # Since AutoCAD 2007 all is UTF-8, whatever code page the header names.
            encoding = "utf-8" if document.dxfversion >= "AC1021" else document.encoding
            collector.take(taken, lambda raw: _decoded(raw, encoding))
        _collect(document.modelspace(), collector, "", 0)
        unit = int(document.header.get("$INSUNITS", 0) or 0)
        off = {layer.dxf.name for layer in document.layers if layer.is_off() or layer.is_frozen()}
        damaged = len(audit.errors)
    except Stopped:
        assert watch.why is not None
        raise watch.why from None
    except DXFError:
        raise InputError("underlay.unreadable", file=name) from None
    except MemoryError:
        raise InputError("file.too_large", file=name, size=f"{len(data) >> 20} MB", limit="—") from None
    except Exception:  # noqa: BLE001  # a foreign parser on foreign bytes: whatever it trips over means "not readable"
        raise InputError("underlay.unreadable", file=name) from None
    return _plan_of(collector, name, unit, off, damaged)


def _decoded(raw: bytes, encoding: str) -> str:
    """A name as the library would have read it."""
    from ezdxf.lldxf.encoding import decode_dxf_unicode, has_dxf_unicode

    text = raw.decode(encoding, errors="surrogateescape")
    return str(decode_dxf_unicode(text)) if has_dxf_unicode(text) else text


def _collect(entities: Iterable[Any], into: _Collector, layer: str, depth: int) -> None:
    """Walk entities; what stands on layer 0 in a block belongs to the layer of the insert."""
    for entity in entities:
        if into.full or into.entities >= MAX_ENTITIES:
            into.full = True
            return
        into.count()
        own = str(entity.dxf.get("layer", "0"))
        here = layer if layer and own == "0" else own
        kind = entity.dxftype()
        try:
            if kind in _MADE_OF_PARTS:
                if depth < MAX_DEPTH:
                    _collect(entity.virtual_entities(), into, here, depth + 1)
                    _attributes(entity, into, here)
            else:
                _draw(kind, entity, into, here)
        except (ArithmeticError, ValueError, TypeError, AttributeError, LookupError, RuntimeError, AssertionError):
            into.skipped += 1


def _attributes(entity: Any, into: _Collector, layer: str) -> None:
    for attribute in getattr(entity, "attribs", ()):
        _draw("TEXT", attribute, into, layer)


def _draw(kind: str, entity: Any, into: _Collector, layer: str) -> None:
    if kind == "LINE":
        into.line(layer, [_xy(entity.dxf.start), _xy(entity.dxf.end)])
    elif kind in _CURVED:
        _curve(entity, into, layer)
    elif kind in ("TEXT", "ATTRIB", "MTEXT"):
        _words(kind, entity, into, layer)
    elif kind == "HATCH":
        _hatch(entity, into, layer)
    elif kind in ("SOLID", "TRACE", "3DFACE"):
        corners = [
            _xy(p) for p in (entity.dxf.vtx0, entity.dxf.vtx1, entity.dxf.vtx3, entity.dxf.vtx2, entity.dxf.vtx0)
        ]
        into.line(layer, corners)


def _xy(point: Any) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _curve(entity: Any, into: _Collector, layer: str) -> None:
    from ezdxf import path

    made = path.make_path(entity)
    into.line(layer, _flattened(made))


def _flattened(made: Any) -> list[tuple[float, float]]:
    """A curve as corners; a two-hundredth of its size off at most: round to the eye at any zoom that shows the whole."""
    box = made.control_vertices()
    if not box:
        return []
    spread = max(max(p[i] for p in box) - min(p[i] for p in box) for i in (0, 1))
    return [(p.x, p.y) for p in made.flattening(max(spread / 200.0, 1e-9), segments=4)]


def _words(kind: str, entity: Any, into: _Collector, layer: str) -> None:
    if kind == "MTEXT":
        x, y = _xy(entity.dxf.insert)
        height = float(entity.dxf.get("char_height", 0.0))
        words = entity.plain_text().split("\n")
        direction = entity.dxf.get("text_direction", None)
        turn = math.degrees(math.atan2(direction[1], direction[0])) if direction is not None else 0.0
        turn = turn or float(entity.dxf.get("rotation", 0.0))
        for row, text in enumerate(words[:20]):
            into.text(layer, x, y - height * (1 + 1.5 * row), height, turn, text)
        return
    x, y = _xy(entity.dxf.insert)
    text = entity.plain_text() if kind == "TEXT" else str(entity.dxf.get("text", ""))
    into.text(layer, x, y, float(entity.dxf.get("height", 0.0)), float(entity.dxf.get("rotation", 0.0)), text)


def _hatch(entity: Any, into: _Collector, layer: str) -> None:
    from ezdxf import path

    for made in path.from_hatch(entity):
        points = _flattened(made)
        if len(points) > 1:
            into.line(layer, [*points, points[0]])


def _plan_of(collector: _Collector, name: str, unit: int, off: set[str], damaged: int) -> Plan:
    every = [a for lines in collector.lines.values() for a in lines]
    pairs = np.concatenate([np.zeros((0, 2, 2)), *collector.pairs.values()])
    if not every and not len(pairs):
        raise InputError("underlay.nothing_drawn", file=name)
    lows = np.concatenate([np.array([a.min(axis=0) for a in every]).reshape(-1, 2), pairs.min(axis=1)])
    highs = np.concatenate([np.array([a.max(axis=0) for a in every]).reshape(-1, 2), pairs.max(axis=1)])
    middles = np.concatenate([np.array([a.mean(axis=0) for a in every]).reshape(-1, 2), pairs.mean(axis=1)])
    low, high, strays = _main_part(lows, highs, middles)
    width, height = (float(v) for v in high - low)
    if not max(width, height) > 0:
        raise InputError("underlay.nothing_drawn", file=name)
    layers = tuple(
        _layer(key, collector, low, key in off)
        for key in sorted({*collector.lines, *collector.pairs, *collector.texts})
    )
    hint = UNITS.get(unit)
    plausible = hint is not None and _PLAUSIBLE_M[0] <= max(width, height) * hint <= _PLAUSIBLE_M[1]
    doubts = []
    if hint is not None and not plausible:
        doubts.append(Doubt("underlay.unit_doubtful", {"size": f"{max(width, height) * hint:.2f}"}))
    if collector.full:
        doubts.append(Doubt("underlay.truncated", {"limit": MAX_ENTITIES}))
    if collector.skipped:
        doubts.append(Doubt("underlay.skipped", {"n": collector.skipped}))
    if damaged:
        doubts.append(Doubt("underlay.repaired", {"n": damaged}))
    if strays:
        doubts.append(Doubt("underlay.strays", {"n": strays}))
    return Plan("dxf", name, width, height, layers, b"", hint, plausible, tuple(doubts))


def _main_part(lows: Any, highs: Any, middles: Any) -> tuple[Any, Any, int]:
    """Bounds of the drawing without a few strays far away, that would make the plan a dot: how many those are. LOWS, HIGHS and MIDDLES
    of its lines, [n, 2] each."""
    low, high = lows.min(axis=0), highs.max(axis=0)
    distance = np.abs(middles - np.median(middles, axis=0)).max(axis=1)
    usual = float(np.quantile(distance, 0.95))
    if usual <= 0 or float(max(high - low)) < 50 * usual:
        return low, high, 0
    near = distance <= 20 * usual
    return lows[near].min(axis=0), highs[near].max(axis=0), int(len(near) - near.sum())


def _layer(name: str, collector: _Collector, low: Any, off: bool) -> Layer:
    lines = collector.lines.get(name, [])
    pairs = collector.pairs.get(name, np.zeros((0, 2, 2)))
    points = np.concatenate([*lines, pairs.reshape(-1, 2)]) - low
    lengths = np.array([len(a) for a in lines] + [2] * len(pairs), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    texts = tuple(
        PlanText(t.x - float(low[0]), t.y - float(low[1]), t.height, t.rotation_deg, t.text)
        for t in collector.texts.get(name, [])
    )
    return Layer(name, points.astype(np.float32), starts, texts, off)
