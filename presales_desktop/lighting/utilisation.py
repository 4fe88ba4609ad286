"""Coefficients of utilisation by the IES zonal cavity method (IES Lighting Handbook, 9th ed., ch. 9)."""

from __future__ import annotations

import math

import numpy as np

from presales_desktop.lighting.photometry import Photometry

FLOOR_REFLECTANCE = 0.2
RCRS = tuple(range(11))
# Ceiling and wall reflectances, the columns of the usual table.
REFLECTANCES: tuple[tuple[float, float], ...] = tuple(
    (ceiling / 100.0, wall / 100.0)
    for ceiling, walls in (
        (80, (70, 50, 30, 10)),
        (70, (70, 50, 30, 10)),
        (50, (50, 30, 10)),
        (30, (50, 30, 10)),
        (10, (50, 30, 10)),
        (0, (0,)),
    )
    for wall in walls
)
# Direct ratio of each 10-degree zone: K = exp(-A RCR^B).
_A = np.array([0.0, 0.041, 0.070, 0.100, 0.136, 0.190, 0.315, 0.640, 2.10])
_B = np.array([0.0, 0.98, 1.05, 1.12, 1.16, 1.25, 1.25, 1.25, 0.80])


def room_cavity_ratio(area_m2: float, perimeter_m: float, cavity_height_m: float) -> float:
    """RCR = 2.5 h perimeter / area; 5 h (L + W) / (L W) in a rectangle."""
    return 2.5 * cavity_height_m * perimeter_m / area_m2


def coefficient(
    photometry: Photometry, rcr: float, ceiling: float, wall: float, floor: float = FLOOR_REFLECTANCE
) -> float:
    """Share of the lamps' flux (of the luminaire's own for absolute photometry) that arrives on the work plane.

    :param rcr: room cavity ratio, 0 or more
    :param ceiling: effective reflectance of the ceiling cavity, 0 to below 1; likewise ``wall`` and ``floor``
    """
    flux = photometry.rated_lumens or photometry.lumens
    if flux <= 0:
        return 0.0
    down = photometry.lumens_down / flux
    up = (photometry.lumens - photometry.lumens_down) / flux
    if rcr < 1e-9:
        return (down + ceiling * up) / (1.0 - ceiling * floor)
    if down <= 0:
        direct_ratio = 0.0
    else:
        zones = photometry.zonal_lumens(np.arange(0.0, 91.0, 10.0)) / flux
        direct_ratio = float((np.exp(-_A * rcr**_B) * zones).sum()) / down
    f = 0.026 + 0.503 * math.exp(-0.270 * rcr) + 0.470 * math.exp(-0.119 * rcr)
    # C1 / (1 - wall) times 2.5 wall / rcr, so that black walls divide by nothing.
    c1 = (1 - wall) * (1 - f * f) * rcr / (2.5 * wall * (1 - f * f) + rcr * f * (1 - wall))
    c2 = (1 - ceiling) * (1 + f) / (1 + ceiling * f)
    c3 = (1 - floor) * (1 + f) / (1 + floor * f)
    c0 = c1 + c2 + c3
    from_walls = 2.5 * wall * c1 * c3 * (1 - direct_ratio) * down / (rcr * (1 - wall) * (1 - floor) * c0)
    from_ceiling = ceiling * c2 * c3 * up / ((1 - ceiling) * (1 - floor) * c0)
    straight = (1 - floor * c3 * (c1 + c2) / ((1 - floor) * c0)) * direct_ratio * down / (1 - floor)
    return from_walls + from_ceiling + straight


def table(photometry: Photometry) -> list[list[float]]:
    """Rows by :data:`RCRS`, columns by :data:`REFLECTANCES`, as fractions."""
    return [[coefficient(photometry, rcr, c, w) for c, w in REFLECTANCES] for rcr in RCRS]
