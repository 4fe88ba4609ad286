"""EULUMDAT (LDT) files: one value a line, planes by symmetry, intensities in cd per 1000 lm."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from presales_desktop.lighting.errors import LightingError, PhotometryWarning
from presales_desktop.lighting.lamps import LampSet, kelvin_in, ra_in
from presales_desktop.lighting.photometry import Floats, Opening, Photometry, Symmetry
from presales_desktop.lighting.textfile import MAX_VALUES, parse_number

# Line numbers (from 1) of the format's fixed head.
_SYMMETRY_LINE = 3
_PLANES_LINE = 4
_GAMMAS_LINE = 6
_SETS_LINE = 26
_DIRECT_RATIOS = 10
_LINES_A_SET = 6
_MAX_SETS = 20
# Light output ratios are written in whole percent and integrated over coarse angles.
_RATIO_POINTS = 3.0
_SYMMETRIES: dict[int, Symmetry] = {
    0: "none",
    1: "axial",
    2: "bilateral_0_180",
    3: "bilateral_90_270",
    4: "quadrant",
}
_SPACES = re.compile(r"[\s;]+")


def recognises(lines: list[str]) -> bool:
    """Whether lines 2 to 7 are the numbers that EULUMDAT has there."""
    if len(lines) < _GAMMAS_LINE + 1:
        return False
    return all(_plain(line) is not None for line in lines[_SYMMETRY_LINE - 1 : _GAMMAS_LINE])


def _plain(text: str) -> float | None:
    return parse_number(text.strip().strip('"').replace(",", "."))


@dataclass(slots=True)
class _Reader:
    lines: list[str]
    name: str
    warnings: list[PhotometryWarning]

    def text(self, line: int) -> str:
        if line > len(self.lines):
            raise LightingError(
                "photometry.truncated",
                file=self.name,
                line=len(self.lines),
                field="header",
                expected=line,
                found=len(self.lines),
            )
        return self.lines[line - 1].strip()

    def number(self, line: int, field: str, *, blank_is_zero: bool = False) -> float:
        text = self.text(line)
        if not text and blank_is_zero:
            self.warnings.append(PhotometryWarning("photometry.blank", line, {"at": field}))
            return 0.0
        value = _plain(text)
        if value is None:
            raise LightingError("photometry.number_expected", file=self.name, line=line, field=field, found=text[:40])
        return value

    def count(self, line: int, field: str, low: int, high: int) -> int:
        value = self.number(line, field)
        if value != int(value) or not low <= value <= high:
            raise LightingError(
                "photometry.out_of_range",
                file=self.name,
                line=line,
                field=field,
                expected=f"{low}…{high}",
                found=f"{value:g}",
            )
        return int(value)


class _Values:
    """The numbers of the file's long tail; writers that put several on one line are understood."""

    def __init__(self, reader: _Reader, start_line: int) -> None:
        self._reader = reader
        self._tokens: list[str] = []
        self._lines: list[int] = []
        for index in range(start_line - 1, len(reader.lines)):
            for token in _SPACES.split(reader.lines[index]):
                if token:
                    self._tokens.append(token)
                    self._lines.append(index + 1)
        self._next = 0

    @property
    def line(self) -> int:
        return self._lines[self._next] if self._next < len(self._lines) else self.last_line

    @property
    def last_line(self) -> int:
        return self._lines[-1] if self._lines else len(self._reader.lines)

    @property
    def left(self) -> int:
        return len(self._tokens) - self._next

    def take(self, field: str, count: int) -> Floats:
        if self.left < count:
            raise LightingError(
                "photometry.truncated",
                file=self._reader.name,
                line=self.last_line,
                field=field,
                expected=count,
                found=self.left,
            )
        values = np.empty(count)
        for k in range(count):
            token = self._tokens[self._next]
            value = _plain(token)
            if value is None:
                raise LightingError(
                    "photometry.number_expected",
                    file=self._reader.name,
                    line=self.line,
                    field=field,
                    found=token[:40],
                )
            values[k] = value
            self._next += 1
        return values

    def ascending(self, field: str, count: int, high: float) -> Floats:
        line = self.line
        values = self.take(field, count)
        if np.any(np.diff(values) <= 0):
            at = int(np.argmax(np.diff(values) <= 0)) + 1
            raise LightingError(
                "photometry.angles_not_ascending",
                file=self._reader.name,
                line=line + at,
                field=field,
                found=f"{values[at]:g}",
            )
        if values[0] < 0 or values[-1] > high:
            found = values[0] if values[0] < 0 else values[-1]
            raise LightingError(
                "photometry.angle_range",
                file=self._reader.name,
                line=line,
                field=field,
                expected=f"0…{high:g}",
                found=f"{found:g}",
            )
        return values


def parse(lines: list[str], name: str, lamp_set: int = 0) -> Photometry:
    """The photometry in an EULUMDAT file's lines; of several lamp sets ``lamp_set`` counts (a warning names their number).

    Intensities are scaled by the lamps' flux (cd per 1000 lm) and by the conversion factor of line 24. A negative
    number of lamps means absolute photometry: the flux is then the luminaire's.

    :raises LightingError: photometry.* with file and line
    """
    warnings: list[PhotometryWarning] = []
    reader = _Reader(lines, name, warnings)
    symmetry = reader.count(_SYMMETRY_LINE, "symmetry", 0, 4)
    n_planes = reader.count(_PLANES_LINE, "c_planes", 1, MAX_VALUES)
    n_gamma = reader.count(_GAMMAS_LINE, "gamma_angles", 2, MAX_VALUES)
    n_stored = _stored_planes(symmetry, n_planes)
    if n_stored * n_gamma > MAX_VALUES:
        raise LightingError(
            "photometry.too_many_values",
            file=name,
            line=_GAMMAS_LINE,
            expected=MAX_VALUES,
            found=n_stored * n_gamma,
        )
    _check_planes(symmetry, n_planes, name)
    conversion = reader.number(24, "conversion_factor", blank_is_zero=True)
    if conversion == 0:
        warnings.append(PhotometryWarning("photometry.no_conversion", 24))
        conversion = 1.0
    n_sets = reader.count(_SETS_LINE, "lamp_sets", 1, _MAX_SETS)
    sets = _lamp_sets(reader, n_sets)
    lamps = sets[min(max(lamp_set, 0), n_sets - 1)]
    first_value_line = _SETS_LINE + 1 + n_sets * _LINES_A_SET
    reader.text(first_value_line)
    values = _Values(reader, first_value_line)
    values.take("direct_ratios", _DIRECT_RATIOS)
    c_deg = values.ascending("c_angles", n_planes, 360.0)
    gamma_deg = values.ascending("gamma_angles", n_gamma, 180.0)
    candela_line = values.line
    stored = values.take("candela", n_stored * n_gamma).reshape(n_stored, n_gamma)
    if values.left:
        warnings.append(PhotometryWarning("photometry.surplus", values.line, {"found": values.left}))
    if np.any(stored < 0):
        warnings.append(
            PhotometryWarning("photometry.negative_candela", candela_line, {"found": int((stored < 0).sum())})
        )
    c_deg, stored = _file_planes(symmetry, c_deg, stored)
    absolute = lamps.number < 0
    if reader.number(25, "measured_tilt", blank_is_zero=True) != 0:
        warnings.append(PhotometryWarning("photometry.measured_tilt", 25, {"found": reader.text(25)[:20]}))
    made = Photometry(
        format="EULUMDAT",
        type="C",
        manufacturer=reader.text(1),
        catalog_number=reader.text(10),
        luminaire=reader.text(9),
        lamp=lamps.kind,
        keywords={"REPORT": reader.text(8), "FILE": reader.text(11), "DATE": reader.text(12)},
        rated_lumens=None if absolute else lamps.flux_lm,
        watts=lamps.watts,
        opening=_opening(reader),
        c_angles_deg=c_deg,
        gamma_angles_deg=gamma_deg,
        candela=stored * (lamps.flux_lm / 1000.0 * conversion),
        symmetry=_SYMMETRIES[symmetry],
        absolute=absolute,
        cct_k=lamps.cct_k,
        ra=lamps.ra,
        lamp_sets=sets,
    )
    _doubt_ratio(reader, made)
    return replace(made, warnings=tuple(warnings))


def _doubt_ratio(reader: _Reader, made: Photometry) -> None:
    """A warning where the file's own light output ratio (line 23) is not what its intensities come to."""
    said = _plain(reader.text(23))
    if said is None or said <= 0 or not made.rated_lumens or made.lumens <= 0:
        return
    found = 100.0 * made.lumens / made.rated_lumens
    if abs(found - said) > _RATIO_POINTS:
        values: dict[str, object] = {"expected": f"{said:g}", "found": f"{found:.1f}"}
        reader.warnings.append(PhotometryWarning("photometry.output_ratio", 23, values))


def _stored_planes(symmetry: int, n_planes: int) -> int:
    return {0: n_planes, 1: 1, 2: n_planes // 2 + 1, 3: n_planes // 2 + 1, 4: n_planes // 4 + 1}[symmetry]


def _check_planes(symmetry: int, n_planes: int, name: str) -> None:
    parts = {2: 2, 3: 4, 4: 4}.get(symmetry, 1)
    if n_planes % parts:
        raise LightingError(
            "photometry.planes_not_divisible", file=name, line=_PLANES_LINE, expected=parts, found=n_planes
        )


def _file_planes(symmetry: int, c_deg: Floats, stored: Floats) -> tuple[Floats, Floats]:
    """The angles of the planes that are stored; for symmetry 3 (270 over 0 to 90) turned into 90 to 270."""
    if symmetry == 1:
        return np.array([0.0]), stored
    if symmetry == 3:
        n = len(c_deg)
        angles = np.concatenate([c_deg[3 * n // 4 :] - 360.0, c_deg[: n // 4 + 1]])
        # I(C) = I(180 - C): the plane stored for C stands for 180 - C too.
        return (180.0 - angles)[::-1], stored[::-1]
    return c_deg[: len(stored)], stored


def _lamp_sets(reader: _Reader, n_sets: int) -> tuple[LampSet, ...]:
    sets = []
    for k in range(n_sets):
        first = _SETS_LINE + 1 + k * _LINES_A_SET
        number = reader.number(first, "lamps", blank_is_zero=True)
        flux = reader.number(first + 2, "lamp_flux")
        if flux <= 0:
            raise LightingError(
                "photometry.not_positive", file=reader.name, line=first + 2, field="lamp_flux", found=f"{flux:g}"
            )
        watts = reader.number(first + 5, "watts", blank_is_zero=True)
        if watts < 0:
            reader.warnings.append(PhotometryWarning("photometry.negative_watts", first + 5, {"found": f"{watts:g}"}))
            watts = 0.0
        colour, rendering = kelvin_in(reader.text(first + 3)), ra_in(reader.text(first + 4))
        sets.append(LampSet(number, reader.text(first + 1), flux, watts, colour, rendering))
    if n_sets > 1:
        reader.warnings.append(PhotometryWarning("photometry.lamp_sets", _SETS_LINE, {"found": n_sets}))
    return tuple(sets)


def _opening(reader: _Reader) -> Opening:
    """The luminous area (lines 16 to 21, mm); a width of 0 means round."""
    length = abs(reader.number(16, "luminous_length", blank_is_zero=True)) / 1000.0
    width = abs(reader.number(17, "luminous_width", blank_is_zero=True)) / 1000.0
    heights = [abs(reader.number(line, "luminous_height", blank_is_zero=True)) for line in range(18, 22)]
    height = max(heights) / 1000.0
    if length == 0 and width == 0 and height == 0:
        return Opening()
    if width == 0 and length > 0:
        return Opening("cylinder" if height > 0 else "circle", length, length, height, length_axis_deg=90)
    return Opening("box" if height > 0 else "rectangle", length, width, height, length_axis_deg=90)
