"""Curves to be drawn, on screen or on paper: light distributions and lines of equal illuminance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import spheres
from presales_desktop.lighting.photometry import Photometry

Floats = npt.NDArray[np.float64]

_STEP_DEG = 1.0
_RINGS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One plane C - C + 180 in cd per klm (cd for a luminaire without flux).

    ``angle_deg`` runs from -180 to 180: the half plane C + 180 is negative, 0 is the nadir. ``x`` and ``y`` are the
    polar diagram's points in the same unit as ``value``, nadir down (y negative).
    """

    c_deg: float
    angle_deg: Floats
    value: Floats
    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """A light distribution as drawn: C0-C180 and C90-C270 with the radii of the rings that help the eye."""

    curves: tuple[Curve, ...]
    rings: tuple[float, ...]
    unit: str  # "cd/klm" or "cd"
    upward: bool  # whether anything is to be seen above the horizontal


def diagram(photometry: Photometry) -> Diagram:
    """The diagram of a luminaire; an axial one has one curve."""
    c_deg, gamma_deg, candela = photometry.full()
    flux = photometry.rated_lumens or photometry.lumens
    scale, unit = (1000.0 / flux, "cd/klm") if flux > 0 else (1.0, "cd")
    gamma = np.arange(0.0, 180.0 + _STEP_DEG / 2, _STEP_DEG)
    curves = []
    for at in (0.0,) if photometry.axial else (0.0, 90.0):
        right, left = (np.interp(gamma, gamma_deg, half) * scale for half in spheres.plane_pair(c_deg, candela, at))
        angle = np.concatenate([-gamma[:0:-1], gamma])
        value = np.concatenate([left[:0:-1], right])
        turn = np.radians(angle)
        curves.append(Curve(at, angle, value, value * np.sin(turn), -value * np.cos(turn)))
    peak = max(float(curve.value.max()) for curve in curves)
    upward = photometry.lumens - photometry.lumens_down > 0.005 * photometry.lumens
    return Diagram(tuple(curves), rings(peak), unit, upward)


def rings(peak: float) -> tuple[float, ...]:
    """Round values (1, 2, 2.5, 5 times a power of ten apart) that cover 0 to ``peak`` in about four steps."""
    if peak <= 0:
        return ()
    raw = peak / _RINGS
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * (1 - 1e-9)))
    return tuple(step * k for k in range(1, int(np.ceil(peak / step - 1e-9)) + 1))


def isolines(
    x_m: Floats, y_m: Floats, values_lux: npt.NDArray[np.floating], levels: list[float]
) -> dict[float, list[Floats]]:
    """Lines of equal illuminance: level to polylines [k, 2] in m. NaN (outside the room) ends a line.

    :param values_lux: [rows along y, columns along x], as :class:`live.LuxResult` has them
    """
    # Only plans with isolines need it; importing it takes longer than reading a file.
    from contourpy import contour_generator

    if min(values_lux.shape) < 2:
        return {level: [] for level in levels}
    made = contour_generator(x_m, y_m, np.ma.masked_invalid(values_lux.astype(np.float64)))
    return {level: [np.asarray(line, dtype=np.float64) for line in made.lines(level)] for level in levels}
