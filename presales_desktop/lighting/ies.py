"""LM-63 (IES) files: 1986, 1991, 1995, 2002 and 2019, types A, B and C."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from presales_desktop.lighting.errors import LightingError, PhotometryWarning
from presales_desktop.lighting.ies_opening import opening_of
from presales_desktop.lighting.lamps import kelvin_in, ra_in
from presales_desktop.lighting.photometry import Floats, PhotometricType, Photometry, Symmetry
from presales_desktop.lighting.textfile import MAX_VALUES, parse_number, split_lines

# A file that another one names, by its name; None where there is none.
Beside = Callable[[str], bytes | None]

_FOOT_M = 0.3048
_HEADER = re.compile(r"\s*IES(?:NA)?[:\s]?\s*(?:LM-?63-?)?(\d{2,4})", re.IGNORECASE)
_KEYWORD = re.compile(r"\s*\[([^\]]*)\]\s*(.*)")
_TILT = re.compile(r"\s*TILT\s*=\s*(.*?)\s*$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s,]+")
_YEARS = {"86": "1986", "91": "1991", "95": "1995", "02": "2002", "2": "2002", "19": "2019"}
_TYPES: dict[int, PhotometricType] = {1: "C", 2: "B", 3: "A"}
_HEADER_SEARCH_LINES = 2000
_SAME_DEG = 1e-3
# The planes 0 and 360 are one; measured twice they may differ a little.
_SEAM = 0.02
# Where makers write the colour of the light: names of the standard and of well-known writers.
_CCT_KEYS = ("COLORTEMP", "_COLORTEMP", "_SEARCH_COLORTEMP", "CCT", "_CCT", "COLOR", "_COLOR", "LAMP", "LAMPCAT")
_RA_KEYS = ("CRI", "_CRI", "_SEARCH_CRI", "RA", "_RA", "COLORRENDERING", "_COLORRENDERING")


def recognises(lines: list[str]) -> bool:
    """Whether the lines look like LM-63: its name in the first one, or a TILT line further down."""
    head = next((line for line in lines[:20] if line.strip()), "")
    if re.match(r"\s*IES(NA)?\s*:?\s*(LM|\d\d)", head, re.IGNORECASE):
        return True
    return any(_TILT.match(line) for line in lines[:_HEADER_SEARCH_LINES])


class _Tokens:
    """The numbers after the TILT line, one after the other, with the line that each stands in."""

    def __init__(self, lines: list[str], start: int, name: str) -> None:
        self.name = name
        self._tokens: list[str] = []
        self._lines: list[int] = []
        for index in range(start, len(lines)):
            for token in _SEPARATORS.split(lines[index]):
                if token:
                    self._tokens.append(token)
                    self._lines.append(index + 1)
        self._last_line = self._lines[-1] if self._lines else start
        self._next = 0

    @property
    def line(self) -> int:
        """The line of the next number (of the file's end, when there is none)."""
        return self._lines[self._next] if self._next < len(self._lines) else self._last_line

    @property
    def left(self) -> int:
        return len(self._tokens) - self._next

    def peek(self) -> list[float]:
        """The numbers that are left, up to the first word."""
        values: list[float] = []
        for token in self._tokens[self._next :]:
            value = parse_number(token)
            if value is None:
                break
            values.append(value)
        return values

    def number(self, field: str) -> float:
        if self._next >= len(self._tokens):
            raise LightingError(
                "photometry.truncated", file=self.name, line=self._last_line, field=field, expected=1, found=0
            )
        token = self._tokens[self._next]
        value = parse_number(token)
        if value is None:
            raise LightingError(
                "photometry.number_expected", file=self.name, line=self.line, field=field, found=token[:40]
            )
        self._next += 1
        return value

    def count(self, field: str, low: int, high: int) -> int:
        line = self.line
        value = self.number(field)
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

    def numbers(self, field: str, count: int) -> Floats:
        if self.left < count:
            raise LightingError(
                "photometry.truncated",
                file=self.name,
                line=self._last_line,
                field=field,
                expected=count,
                found=self.left,
            )
        return np.array([self.number(field) for _ in range(count)])

    def ascending(self, field: str, count: int) -> Floats:
        line = self.line
        values = self.numbers(field, count)
        if np.any(np.diff(values) <= 0):
            at = int(np.argmax(np.diff(values) <= 0)) + 1
            raise LightingError(
                "photometry.angles_not_ascending", file=self.name, line=line, field=field, found=f"{values[at]:g}"
            )
        return values


@dataclass(slots=True)
class _Head:
    year: str
    keywords: dict[str, str]
    tilt: str
    tilt_line: int


def parse(lines: list[str], name: str, beside: Beside | None = None) -> Photometry:
    """The photometry in an LM-63 file's lines; ``beside`` finds the file that a TILT line names.

    Lumens per lamp of -1 mean absolute photometry. Multiplier and ballast factor are applied; the tenth number of
    the second line is a factor only in 1986 and 1991 (reserved in 1995 and 2002, the file's origin in 2019).

    :raises LightingError: photometry.* with file and line
    """
    head = _read_head(lines, name)
    warnings: list[PhotometryWarning] = []
    tokens = _Tokens(lines, head.tilt_line, name)
    lamp_tilt = _read_tilt(head, tokens, warnings, beside)
    lamps = tokens.number("lamps")
    lumens = tokens.number("lumens_per_lamp")
    multiplier_line = tokens.line
    multiplier = tokens.number("multiplier")
    if multiplier <= 0:
        raise LightingError(
            "photometry.not_positive", file=name, line=multiplier_line, field="multiplier", found=f"{multiplier:g}"
        )
    n_gamma = tokens.count("vertical_angles", 2, MAX_VALUES)
    n_c = tokens.count("horizontal_angles", 1, MAX_VALUES)
    if n_gamma * n_c > MAX_VALUES:
        raise LightingError(
            "photometry.too_many_values", file=name, line=tokens.line, expected=MAX_VALUES, found=n_gamma * n_c
        )
    kind = _TYPES[tokens.count("photometric_type", 1, 3)]
    unit_m = _FOOT_M if tokens.count("units", 1, 2) == 1 else 1.0
    width, length, height = (tokens.number(name) * unit_m for name in ("width", "length", "height"))
    opening = opening_of(width, length, height, head.year)
    factor = multiplier * _ballast(head.year, tokens, warnings)
    watts_line = tokens.line
    watts = tokens.number("watts")
    if watts < 0:
        warnings.append(PhotometryWarning("photometry.negative_watts", watts_line, {"found": f"{watts:g}"}))
        watts = 0.0
    angle_line = tokens.line
    gamma_deg = tokens.ascending("vertical_angles", n_gamma)
    _check_count(tokens, "vertical_angles", gamma_deg, n_gamma, n_c, angle_line, 90.0 if kind != "C" else 180.0)
    c_line = tokens.line
    c_deg = tokens.ascending("horizontal_angles", n_c)
    _check_count(tokens, "horizontal_angles", c_deg, n_c, n_gamma, c_line, 360.0)
    _check_angles(kind, gamma_deg, c_deg, name, angle_line)
    symmetry = _symmetry(kind, c_deg, c_line, name, warnings)
    _doubt_vertical(kind, gamma_deg, angle_line, warnings)
    candela_line = tokens.line
    candela = tokens.numbers("candela", n_gamma * n_c).reshape(n_c, n_gamma) * factor
    if tokens.left:
        warnings.append(PhotometryWarning("photometry.surplus", tokens.line, {"found": tokens.left}))
    if kind == "C" and abs(c_deg[-1] - c_deg[0] - 360.0) < _SAME_DEG:
        seam = float(np.abs(candela[0] - candela[-1]).max())
        if seam > _SEAM * float(np.abs(candela).max()):
            warnings.append(PhotometryWarning("photometry.seam", candela_line, {"found": f"{seam:.0f}"}))
    if np.any(candela < 0):
        warnings.append(
            PhotometryWarning("photometry.negative_candela", candela_line, {"found": int((candela < 0).sum())})
        )
    return Photometry(
        format=f"LM-63-{head.year}",
        type=kind,
        manufacturer=head.keywords.get("MANUFAC", ""),
        catalog_number=head.keywords.get("LUMCAT", ""),
        luminaire=head.keywords.get("LUMINAIRE", ""),
        lamp=head.keywords.get("LAMP", ""),
        keywords=head.keywords,
        rated_lumens=None if lumens < 0 else abs(lamps) * lumens,
        watts=watts,
        opening=opening,
        c_angles_deg=c_deg,
        gamma_angles_deg=gamma_deg,
        candela=candela,
        symmetry=symmetry,
        absolute=lumens < 0,
        lamp_tilt_deg=lamp_tilt[0] if lamp_tilt else None,
        lamp_tilt_factor=lamp_tilt[1] if lamp_tilt else None,
        cct_k=_first(head.keywords, _CCT_KEYS, kelvin_in),
        ra=_first(head.keywords, _RA_KEYS, ra_in),
        warnings=tuple(warnings),
    )


def _first(keywords: dict[str, str], names: tuple[str, ...], find: Callable[[str], int | None]) -> int | None:
    found = (find(keywords[name]) for name in names if name in keywords)
    return next((value for value in found if value is not None), None)


def _check_count(
    tokens: _Tokens, field: str, angles: Floats, said: int, others: int, line: int, highest: float
) -> None:
    """Refuse a file whose angles go on where their number says they end, and whose numbers fit the longer set exactly.

    Each angle more brings itself and one value for each angle of the other kind.
    """
    if field == "vertical_angles":
        more, surplus = divmod(tokens.left - others - said * others, others + 1)
    else:
        more, surplus = divmod(tokens.left - said * others, others + 1)
    if surplus or more <= 0 or more > MAX_VALUES:
        return
    going_on = [float(angles[-1]), *tokens.peek()[:more]]
    if len(going_on) == more + 1 and going_on[-1] <= highest and bool(np.all(np.diff(going_on) > 0)):
        raise LightingError(
            "photometry.count_mismatch", file=tokens.name, line=line, field=field, expected=said, found=said + more
        )


def _read_head(lines: list[str], name: str) -> _Head:
    match = _HEADER.match(next((line for line in lines[:20] if line.strip()), ""))
    digits = match.group(1) if match else "86"
    year = _YEARS.get(digits, digits if len(digits) == 4 else "1986")
    keywords: dict[str, list[str]] = {}
    last = ""
    for index, line in enumerate(lines):
        tilt = _TILT.match(line)
        if tilt:
            texts = {key: "\n".join(values).strip() for key, values in keywords.items()}
            return _Head(year, texts, tilt.group(1), index + 1)
        keyword = _KEYWORD.match(line)
        if not keyword:
            continue
        key, value = keyword.group(1).strip().upper(), keyword.group(2).strip()
        # A keyword may come twice ([OTHER]); none of its lines is lost.
        last = last if key == "MORE" and last else key
        keywords.setdefault(last, []).append(value)
    raise LightingError("photometry.tilt_missing", file=name, line=len(lines))


def _read_tilt(
    head: _Head, tokens: _Tokens, warnings: list[PhotometryWarning], beside: Beside | None
) -> tuple[Floats, Floats] | None:
    """The lamp's output over the luminaire's tilt, if the file (or the one that it names) holds it."""
    setting = head.tilt.upper()
    if setting in {"NONE", ""}:
        if not setting:
            warnings.append(PhotometryWarning("photometry.tilt_blank", head.tilt_line))
        return None
    if setting != "INCLUDE":
        # The name may be a whole path of the maker's machine.
        other = re.split(r"[\\/]", head.tilt.strip("<>\"' "))[-1]
        data = beside(other) if beside is not None and other not in {"", ".", ".."} else None
        if data is None:
            # Without the factors the lamp counts as insensitive to tilt.
            warnings.append(PhotometryWarning("photometry.tilt_file", head.tilt_line, {"found": head.tilt[:60]}))
            return None
        tokens = _Tokens(split_lines(data, other), 0, other)
    tokens.count("tilt_geometry", 1, 3)
    count = tokens.count("tilt_angles", 1, 10_000)
    return tokens.ascending("tilt_angles", count), tokens.numbers("tilt_factors", count)


def _ballast(year: str, tokens: _Tokens, warnings: list[PhotometryWarning]) -> float:
    line = tokens.line
    ballast = tokens.number("ballast_factor")
    if ballast <= 0:
        raise LightingError(
            "photometry.not_positive", file=tokens.name, line=line, field="ballast_factor", found=f"{ballast:g}"
        )
    line = tokens.line
    second = tokens.number("ballast_lamp_factor")
    if year in {"1986", "1991"}:
        if second <= 0:
            raise LightingError(
                "photometry.not_positive",
                file=tokens.name,
                line=line,
                field="ballast_lamp_factor",
                found=f"{second:g}",
            )
        return ballast * second
    if year in {"1995", "2002"} and second != 1.0:
        warnings.append(PhotometryWarning("photometry.reserved_factor", line, {"found": f"{second:g}"}))
    return ballast


def _check_angles(kind: str, gamma_deg: Floats, c_deg: Floats, name: str, line: int) -> None:
    low, high = (0.0, 180.0) if kind == "C" else (-90.0, 90.0)
    if gamma_deg[0] < low - _SAME_DEG or gamma_deg[-1] > high + _SAME_DEG:
        found = gamma_deg[0] if gamma_deg[0] < low else gamma_deg[-1]
        raise LightingError(
            "photometry.angle_range",
            file=name,
            line=line,
            field="vertical_angles",
            expected=f"{low:g}…{high:g}",
            found=f"{found:g}",
        )
    low, high = (0.0, 360.0) if kind == "C" else (-180.0, 180.0)
    if c_deg[0] < low - _SAME_DEG or c_deg[-1] > high + _SAME_DEG:
        found = c_deg[0] if c_deg[0] < low else c_deg[-1]
        raise LightingError(
            "photometry.angle_range",
            file=name,
            line=line,
            field="horizontal_angles",
            expected=f"{low:g}…{high:g}",
            found=f"{found:g}",
        )
    if kind != "C" and len(c_deg) < 2:
        raise LightingError(
            "photometry.angles_too_few", file=name, line=line, field="horizontal_angles", expected=2, found=1
        )


def _symmetry(kind: str, c_deg: Floats, line: int, name: str, warnings: list[PhotometryWarning]) -> Symmetry:
    first, last = float(c_deg[0]), float(c_deg[-1])
    if kind != "C":
        return "bilateral_0_180" if first == 0.0 else "none"
    if len(c_deg) == 1:
        if abs(first) > _SAME_DEG:
            warnings.append(PhotometryWarning("photometry.single_plane", line, {"found": f"{first:g}"}))
        return "axial"
    spans: dict[tuple[float, float], Symmetry] = {
        (0.0, 90.0): "quadrant",
        (0.0, 180.0): "bilateral_0_180",
        (90.0, 270.0): "bilateral_90_270",
        (0.0, 360.0): "none",
    }
    for (low, high), symmetry in spans.items():
        if abs(first - low) < _SAME_DEG and abs(last - high) < _SAME_DEG:
            return symmetry
    # Whole circles are often written without the repeated plane 360; anything else is a gap to be told.
    step = float(np.max(np.diff(c_deg)))
    if 360.0 - last + first > step + _SAME_DEG:
        warnings.append(PhotometryWarning("photometry.open_circle", line, {"found": f"{first:g}…{last:g}"}))
    return "none"


def _doubt_vertical(kind: str, gamma_deg: Floats, line: int, warnings: list[PhotometryWarning]) -> None:
    first, last = float(gamma_deg[0]), float(gamma_deg[-1])
    if kind != "C":
        return
    if min(abs(first), abs(first - 90.0)) > _SAME_DEG or min(abs(last - 90.0), abs(last - 180.0)) > _SAME_DEG:
        warnings.append(PhotometryWarning("photometry.vertical_range", line, {"found": f"{first:g}…{last:g}"}))
