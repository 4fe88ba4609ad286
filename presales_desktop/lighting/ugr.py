"""Unified glare rating tables (CIE 117:1995, tabulated as in CIE 190:2010 with spacing 0.25 H).

The standard room stands on the eyes' plane (reflectance 0.2) and ends at the luminaires' plane, H = 2 m above.
Luminaires fill it 0.25 H apart, the first ones half of that off the walls; the observer sits in the middle of
a wall and looks straight across.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import spheres
from presales_desktop.lighting.photometry import ROUND, Opening, Photometry

Floats = npt.NDArray[np.float64]

HEIGHT_M = 2.0
SPACING_H = 0.25
ROOMS_H: tuple[tuple[int, int], ...] = tuple(
    (x, y)
    for x, ys in ((2, (2, 3, 4, 6, 8, 12)), (4, (2, 3, 4, 6, 8, 12)), (8, (4, 6, 8, 12)), (12, (4, 6, 8)))
    for y in ys
)
REFLECTANCES: tuple[tuple[float, float, float], ...] = (
    (0.7, 0.5, 0.2),
    (0.7, 0.3, 0.2),
    (0.5, 0.5, 0.2),
    (0.5, 0.3, 0.2),
    (0.3, 0.3, 0.2),
)
# The table of position indices ends here (CIE 117:1995, table 1): H / R up to 1.9, T / R up to 3.
HIGHEST_SEEN = 1.9
WIDEST_SEEN = 3.0
_SUBDIVISION = 4
_REFERENCE_LM = 1000.0


def position_index(sigma_deg: Floats, tau_deg: Floats) -> Floats:
    """Guth's position index p (CIE 117:1995; Levin 1975).

    :param sigma_deg: angle between the line of sight and the source
    :param tau_deg: angle of the plane through both, from the vertical
    """
    t, s = tau_deg, sigma_deg
    linear = (35.2 - 0.31889 * t - 1.22 * np.exp(-2.0 * t / 9.0)) * 1e-3 * s
    square = (21.0 + 0.26667 * t - 0.002963 * t * t) * 1e-5 * s * s
    index: Floats = np.exp(linear + square)
    return index


def tables(photometry: Photometry) -> tuple[Floats, Floats]:
    """(corrected, uncorrected) UGR [19, 10]: rows by :data:`ROOMS_H`, columns crosswise then endwise.

    Uncorrected values are for 1000 lm of lamp flux in each luminaire (of luminaire flux for absolute photometry),
    corrected ones for the real flux: + 8 lg(flux / 1000). NaN for a luminaire that cannot glare (no light or no area).
    """
    corrected = np.full((len(ROOMS_H), 2 * len(REFLECTANCES)), np.nan)
    flux = photometry.rated_lumens or photometry.lumens
    if photometry.lumens <= 0:
        return corrected, corrected.copy()
    # Crosswise the observer looks at right angles to the length of the opening.
    crosswise = 90.0 if photometry.opening.length_axis_deg == 0 else 0.0
    for first_column, sight_c in ((0, crosswise), (len(REFLECTANCES), crosswise + 90.0)):
        for row, (x, y) in enumerate(ROOMS_H):
            glare = _glare(photometry, x, y, sight_c)
            for k, walls in enumerate(_wall_indirect(photometry, x, y, sight_c)):
                background = walls / math.pi
                if glare > 0 and background > 0:
                    corrected[row, first_column + k] = 8.0 * math.log10(0.25 / background * glare)
    return corrected, corrected - 8.0 * math.log10(flux / _REFERENCE_LM)


def _glare(photometry: Photometry, x: int, y: int, sight_c: float) -> float:
    """Sum of L^2 omega / p^2 = I^2 / (A r^2 p^2) over the luminaires that the observer sees."""
    side, ahead = (a.ravel() for a in np.meshgrid(_places(x) - x * HEIGHT_M / 2.0, _places(y)))
    r = np.sqrt(side**2 + ahead**2 + HEIGHT_M**2)
    gamma = np.degrees(np.arccos(HEIGHT_M / r))
    # From the luminaire to the eye, in the luminaire's own planes.
    c = (np.degrees(np.arctan2(-side, -ahead)) + sight_c) % 360.0
    candela = spheres.bilinear(*photometry.full(), c, gamma)
    area = seen_area(photometry.opening, c, gamma)
    sigma = np.degrees(np.arccos(ahead / r))
    tau = np.degrees(np.arctan2(np.abs(side), HEIGHT_M))
    p = position_index(sigma, tau)
    seen = (area > 0) & (HIGHEST_SEEN * ahead >= HEIGHT_M) & (np.abs(side) <= WIDEST_SEEN * ahead)
    return float((candela[seen] ** 2 / (area[seen] * (r[seen] * p[seen]) ** 2)).sum())


def _places(rooms_h: int) -> Floats:
    count = round(rooms_h / SPACING_H)
    steps: Floats = np.arange(count, dtype=np.float64)
    return (steps + 0.5) * (SPACING_H * HEIGHT_M)


def seen_area(opening: Opening, c_deg: Floats, gamma_deg: Floats) -> Floats:
    """Projected luminous area in m2 toward directions of the luminaire's own frame.

    Bodies lie under their lid: from above the horizontal nothing but the sides of boxes and cylinders is seen.
    """
    gamma, c = np.radians(gamma_deg), np.radians(c_deg)
    x, y, z = np.sin(gamma) * np.cos(c), np.sin(gamma) * np.sin(c), np.cos(gamma)
    a, b, h = opening.along_c0_m, opening.along_c90_m, opening.height_m
    down = np.maximum(z, 0.0)
    if opening.shape in {"sphere", "ellipsoid"}:
        return np.asarray(math.pi / 4.0 * np.sqrt((b * h * x) ** 2 + (a * h * y) ** 2 + (a * b * z) ** 2))
    if opening.shape == "vertical_circle":
        return np.asarray(math.pi / 4.0 * max(a, b) * h * np.abs(x if a <= b else y))
    if opening.shape == "horizontal_cylinder":
        along, length = (x, a) if a >= b else (y, b)
        cap = math.pi / 4.0 * min(a, b) * h
        return np.asarray(length * h * np.sqrt(np.maximum(1.0 - along**2, 0.0)) + cap * np.abs(along))
    if opening.shape in ROUND:
        return np.asarray(math.pi / 4.0 * a * b * down + (a + b) / 2.0 * h * np.hypot(x, y))
    return np.asarray(a * b * down + h * (b * np.abs(x) + a * np.abs(y)))


def _wall_indirect(photometry: Photometry, x: int, y: int, sight_c: float) -> list[float]:
    """Mean indirect illuminance of the walls in lx for each of :data:`REFLECTANCES`.

    Three surfaces (ceiling, walls together, floor) exchange light; the direct flux on the floor is integrated.
    """
    width, depth = x * HEIGHT_M, y * HEIGHT_M
    count = round(x / SPACING_H) * round(y / SPACING_H)
    floor_area, wall_area = width * depth, 2.0 * (width + depth) * HEIGHT_M
    on_floor = _floor_flux(photometry, x, y, sight_c)
    on_walls = max(count * photometry.lumens_down - on_floor, 0.0)
    on_ceiling = count * max(photometry.lumens - photometry.lumens_down, 0.0)
    across = _parallel_factor(width, depth)
    to_flat = (1.0 - across) * floor_area / wall_area
    factors = np.array(
        [[0.0, 1.0 - across, across], [to_flat, 1.0 - 2.0 * to_flat, to_flat], [across, 1.0 - across, 0.0]]
    )
    direct = np.array([on_ceiling / floor_area, on_walls / wall_area, on_floor / floor_area])
    result = []
    for reflectances in REFLECTANCES:
        total = np.linalg.solve(np.eye(3) - factors * np.array(reflectances), direct)
        result.append(float(total[1] - direct[1]))
    return result


def _floor_flux(photometry: Photometry, x: int, y: int, sight_c: float) -> float:
    """Flux in lm from all luminaires onto the floor; equal offsets are counted together."""
    nx, ny = round(x / SPACING_H), round(y / SPACING_H)
    step = SPACING_H * HEIGHT_M
    inner = (np.arange(_SUBDIVISION) + 0.5) / _SUBDIVISION - 0.5
    i, j = np.arange(-nx + 1, nx), np.arange(-ny + 1, ny)
    side = ((i[:, None] + inner) * step).ravel()
    ahead = ((j[:, None] + inner) * step).ravel()
    times = np.outer(np.repeat(nx - np.abs(i), _SUBDIVISION), np.repeat(ny - np.abs(j), _SUBDIVISION))
    dx, dy = side[:, None], ahead[None, :]
    r = np.sqrt(dx**2 + dy**2 + HEIGHT_M**2)
    gamma = np.degrees(np.arccos(HEIGHT_M / r))
    c = (np.degrees(np.arctan2(dx + 0 * dy, dy + 0 * dx)) + sight_c) % 360.0
    lux = spheres.bilinear(*photometry.full(), c, gamma) * HEIGHT_M / r**3
    return float((lux * times).sum() * (step / _SUBDIVISION) ** 2)


def _parallel_factor(width: float, depth: float) -> float:
    """Form factor between floor and ceiling (Howell C-11)."""
    a, b = width / HEIGHT_M, depth / HEIGHT_M
    a2, b2 = 1.0 + a * a, 1.0 + b * b
    total = math.log(math.sqrt(a2 * b2 / (a2 + b * b)))
    total += a * math.sqrt(b2) * math.atan(a / math.sqrt(b2)) + b * math.sqrt(a2) * math.atan(b / math.sqrt(a2))
    total -= a * math.atan(a) + b * math.atan(b)
    return 2.0 / (math.pi * a * b) * total
