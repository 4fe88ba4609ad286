"""Intensities over the sphere of directions: unfolding of symmetries, resampling, flux.

Between the given angles the intensity is taken as linear, in C and in gamma, everywhere: in the
flux, in the 1-degree table and in the widths, so that they agree with one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from presales_desktop.lighting.photometry import Photometry

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
# Four float32 to an element: what takes several numbers from one place at once.
Cells = npt.NDArray[np.complex128]

# Where a file's angles end, the intensity drops to zero within this angle.
_EDGE_DEG = 1e-3
_SAME_DEG = 1e-6


def unfold(photometry: Photometry) -> tuple[Floats, Floats, Floats]:
    """(C angles 0..360, gamma 0..180, cd [n_c, n_gamma]) of any photometry, type C frame."""
    candela = np.maximum(photometry.candela, 0.0)
    if photometry.type == "C":
        c_deg, candela = _close_circle(*_mirror_planes(photometry.c_angles_deg, candela))
        gamma_deg, candela = _whole_gamma(photometry.gamma_angles_deg, candela)
        return c_deg, gamma_deg, candela
    return _from_a_or_b(photometry.type, photometry.c_angles_deg, photometry.gamma_angles_deg, candela)


def _mirror_planes(c_deg: Floats, candela: Floats) -> tuple[Floats, Floats]:
    """Planes of a half or quarter set mirrored to the whole circle, ascending; 360 may still be missing."""
    if len(c_deg) == 1:
        return np.array([0.0, 360.0]), np.repeat(candela, 2, axis=0)
    first, last = c_deg[0], c_deg[-1]
    if abs(first) < _SAME_DEG and abs(last - 90.0) < _SAME_DEG:
        c_deg = np.concatenate([c_deg, 180.0 - c_deg[-2::-1]])
        candela = np.concatenate([candela, candela[-2::-1]])
        first, last = c_deg[0], c_deg[-1]
    if abs(first) < _SAME_DEG and abs(last - 180.0) < _SAME_DEG:
        return np.concatenate([c_deg, 360.0 - c_deg[-2::-1]]), np.concatenate([candela, candela[-2::-1]])
    if abs(first - 90.0) < _SAME_DEG and abs(last - 270.0) < _SAME_DEG:
        # Mirrored at the plane C90-C270: I(C) = I(180 - C).
        mirrored = (180.0 - c_deg[1:-1]) % 360.0
        return _ascending(np.concatenate([c_deg, mirrored]), np.concatenate([candela, candela[1:-1]]))
    return _ascending(np.where(c_deg < 0.0, c_deg + 360.0, c_deg), candela)


def _ascending(c_deg: Floats, candela: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(c_deg, kind="stable")
    c_deg, candela = c_deg[order], candela[order]
    keep = np.concatenate([[True], np.diff(c_deg) > _SAME_DEG])
    return c_deg[keep], candela[keep]


def _close_circle(c_deg: Floats, candela: Floats) -> tuple[Floats, Floats]:
    """Planes at 0 and 360 added where missing, interpolated across the gap."""
    if c_deg[-1] < 360.0 - _SAME_DEG:
        if c_deg[0] < _SAME_DEG:
            seam = candela[0]
        else:
            gap = 360.0 - c_deg[-1] + c_deg[0]
            seam = candela[-1] + (candela[0] - candela[-1]) * ((360.0 - c_deg[-1]) / gap)
        c_deg = np.append(c_deg, 360.0)
        candela = np.vstack([candela, seam])
    if c_deg[0] > _SAME_DEG:
        c_deg = np.concatenate([[0.0], c_deg])
        candela = np.vstack([candela[-1], candela])
    return c_deg, candela


def _whole_gamma(gamma_deg: Floats, candela: Floats) -> tuple[Floats, Floats]:
    zeros = np.zeros((len(candela), 1))
    if gamma_deg[0] > _EDGE_DEG:
        gamma_deg = np.concatenate([[0.0, gamma_deg[0] - _EDGE_DEG], gamma_deg])
        candela = np.hstack([zeros, zeros, candela])
    if gamma_deg[-1] < 180.0 - _EDGE_DEG:
        gamma_deg = np.concatenate([gamma_deg, [gamma_deg[-1] + _EDGE_DEG, 180.0]])
        candela = np.hstack([candela, zeros, zeros])
    return gamma_deg, candela


def _from_a_or_b(kind: str, h_deg: Floats, v_deg: Floats, candela: Floats) -> tuple[Floats, Floats, Floats]:
    """Types A and B resampled on the degrees of type C, half degrees where the file has finer steps.

    The beam's axis (H 0, V 0) becomes the nadir, up (V > 0) the plane C0, so that tilting a floodlight
    toward C0 raises its beam; H > 0, to the right as the luminaire looks, becomes C270.
    Type A: V is the latitude over a vertical pole; type B: H is the latitude over a horizontal pole
    (IES LM-75; CIE 121 A-alpha and B-beta).
    """
    h_deg, candela = _mirror_at_zero(h_deg, candela)
    v_deg, transposed = _mirror_at_zero(v_deg, candela.T)
    candela = transposed.T
    finest = min(float(np.diff(h_deg).min()), float(np.diff(v_deg).min()))
    step = 1.0 if finest >= 1.0 else 0.5
    c_deg = np.arange(0.0, 360.0 + step / 2, step)
    gamma_deg = np.arange(0.0, 180.0 + step / 2, step)
    c, gamma = np.radians(c_deg)[:, None], np.radians(gamma_deg)[None, :]
    ahead = np.cos(gamma) + 0.0 * c
    up = np.sin(gamma) * np.cos(c)
    right = -np.sin(gamma) * np.sin(c)
    if kind == "A":
        v = np.degrees(np.arcsin(np.clip(up, -1.0, 1.0)))
        h = np.degrees(np.arctan2(right, ahead))
    else:
        h = np.degrees(np.arcsin(np.clip(right, -1.0, 1.0)))
        v = np.degrees(np.arctan2(up, ahead))
    return c_deg, gamma_deg, bilinear(h_deg, v_deg, candela, h, v)


def _mirror_at_zero(angles_deg: Floats, rows: Floats) -> tuple[Floats, Floats]:
    if len(angles_deg) > 1 and abs(angles_deg[0]) < _SAME_DEG:
        return np.concatenate([-angles_deg[:0:-1], angles_deg]), np.concatenate([rows[:0:-1], rows])
    return angles_deg, rows


def bilinear(x: Floats, y: Floats, table: Floats, at_x: Floats, at_y: Floats) -> Floats:
    """``table`` [len(x), len(y)] between its nodes, 0 outside of them."""
    inside = (at_x >= x[0]) & (at_x <= x[-1]) & (at_y >= y[0]) & (at_y <= y[-1])
    if len(x) == 1 or len(y) == 1:
        return np.where(inside, table[0, 0], 0.0)
    i = np.clip(np.searchsorted(x, at_x, side="right") - 1, 0, len(x) - 2)
    j = np.clip(np.searchsorted(y, at_y, side="right") - 1, 0, len(y) - 2)
    u = (at_x - x[i]) / (x[i + 1] - x[i])
    v = (at_y - y[j]) / (y[j + 1] - y[j])
    low = table[i, j] * (1 - v) + table[i, j + 1] * v
    high = table[i + 1, j] * (1 - v) + table[i + 1, j + 1] * v
    return np.where(inside, low * (1 - u) + high * u, 0.0)


def whole_degrees(c_deg: Floats, gamma_deg: Floats, candela: Floats) -> Floats32:
    """The full distribution on whole degrees, float32 [361, 181], read-only."""
    degrees = np.arange(181.0)
    planes = np.array([np.interp(degrees, gamma_deg, plane) for plane in candela])
    circle = np.arange(361.0)
    i = np.clip(np.searchsorted(c_deg, circle, side="right") - 1, 0, len(c_deg) - 2)
    share = ((circle - c_deg[i]) / (c_deg[i + 1] - c_deg[i]))[:, None]
    table: Floats32 = (planes[i] * (1 - share) + planes[i + 1] * share).astype(np.float32)
    table.setflags(write=False)
    return table


def mean_over_c(c_deg: Floats, candela: Floats) -> Floats:
    """Intensity in cd averaged over the circle of C planes, per gamma."""
    widths = np.diff(c_deg)[:, None]
    mean: Floats = ((candela[1:] + candela[:-1]) * widths).sum(axis=0) / (2.0 * (c_deg[-1] - c_deg[0]))
    return mean


def zonal_lumens(c_deg: Floats, gamma_deg: Floats, candela: Floats, bounds_deg: Floats) -> Floats:
    """Flux in lm between successive bounds; exact for an intensity that is linear between its angles.

    With I = a + b g on an interval, the flux is 2 pi times the integral of I sin g, which is
    [-I cos g + b sin g].
    """
    mean = mean_over_c(c_deg, candela)
    nodes = np.union1d(gamma_deg, bounds_deg)
    values = np.interp(nodes, gamma_deg, mean)
    g = np.radians(nodes)
    slope = np.diff(values) / np.diff(g)
    cos, sin = np.cos(g), np.sin(g)
    parts = values[:-1] * cos[:-1] - values[1:] * cos[1:] + slope * np.diff(sin)
    total = np.concatenate([[0.0], np.cumsum(2.0 * np.pi * parts)])
    flux: Floats = np.diff(total[np.searchsorted(nodes, bounds_deg)])
    return flux


# Cells along the side of a hemisphere's table and of the axial one: finer than a degree everywhere.
HEMISPHERE_CELLS = 384
AXIAL_CELLS = 16384
_ABOVE_DEG = 90.0 + 2 * _EDGE_DEG


def hemispheres(c_deg: Floats, gamma_deg: Floats, candela: Floats) -> Cells:
    """Intensities on an octahedral map, cells flat [2, n + 2, n + 2] with n = HEMISPHERE_CELLS, lower half first.

    A cell's four float32 are base, by_q, by_p and by_pq of I = base + q by_q + p by_p + p q by_pq, p and q from 0 to 1
    in the cell: bilinear between its corners. They are fetched together, as one complex128 that is never computed with.

    A direction (x, y, z) of the luminaire's axes stands at p = (x + y) / s, q = (x - y) / s, s = |x| + |y| + |z|,
    each from -1 to 1 (octahedral mapping, Cigolla et al. 2014): found without an arc function, which cost most of
    the time otherwise. The halves meet at 90 degrees exactly, so a sharp edge there stays sharp. The last row and
    column are padding.
    """
    side = np.minimum(np.arange(HEMISPHERE_CELLS + 2), HEMISPHERE_CELLS) * (2.0 / HEMISPHERE_CELLS) - 1.0
    p, q = side[:, None], side[None, :]
    x, y = (p + q) / 2.0, (p - q) / 2.0
    z = np.maximum(1.0 - np.abs(x) - np.abs(y), 0.0)
    gamma = np.degrees(np.arctan2(np.hypot(x, y), z))
    c = np.degrees(np.arctan2(y, x)) % 360.0
    below = bilinear(c_deg, gamma_deg, candela, c, np.minimum(gamma, 90.0))
    above = bilinear(c_deg, gamma_deg, candela, c, np.maximum(180.0 - gamma, _ABOVE_DEG))
    nodes = np.pad(np.stack([below, above]), ((0, 0), (0, 1), (0, 1)), mode="edge")
    base = nodes[:, :-1, :-1]
    by_q, by_p = nodes[:, :-1, 1:] - base, nodes[:, 1:, :-1] - base
    by_pq = nodes[:, 1:, 1:] - base - by_q - by_p
    cells: Cells = np.stack([base, by_q, by_p, by_pq], axis=-1).astype(np.float32).view(np.complex128).reshape(-1)
    cells.setflags(write=False)
    return cells


def by_cosine(gamma_deg: Floats, candela: Floats) -> Floats32:
    """An axial intensity over (1 + cos gamma) / 2 from 0 to 1, float32 [AXIAL_CELLS + 2], the last one padding."""
    share = np.minimum(np.arange(AXIAL_CELLS + 2), AXIAL_CELLS) / AXIAL_CELLS
    gamma = np.degrees(np.arccos(2.0 * share - 1.0))
    table: Floats32 = np.interp(gamma, gamma_deg, candela).astype(np.float32)
    table.setflags(write=False)
    return table


def share_below(table: Floats32, tilt_deg: float) -> float:
    """Share of the flux that goes below the horizontal once the 1-degree table is tilted about C90."""
    middle = (table[1:, 1:] + table[1:, :-1] + table[:-1, 1:] + table[:-1, :-1]).astype(np.float64) / 4.0
    gamma = np.radians(np.arange(180.0) + 0.5)
    c = np.radians(np.arange(360.0) + 0.5)[:, None]
    flux = middle * np.sin(gamma)
    tilt = np.radians(tilt_deg)
    height = np.sin(gamma) * np.cos(c) * np.sin(tilt) - np.cos(gamma) * np.cos(tilt)
    total = float(flux.sum())
    return float(flux[height < 0.0].sum()) / total if total > 0 else 0.0


def plane_pair(c_deg: Floats, candela: Floats, at_deg: float) -> tuple[Floats, Floats]:
    """Intensities in the half planes ``at_deg`` and ``at_deg`` + 180, per gamma."""
    return plane(c_deg, candela, at_deg), plane(c_deg, candela, at_deg + 180.0)


def plane(c_deg: Floats, candela: Floats, at_deg: float) -> Floats:
    """Intensities in one half plane C, per gamma."""
    at = at_deg % 360.0
    i = int(np.clip(np.searchsorted(c_deg, at, side="right") - 1, 0, len(c_deg) - 2))
    share = (at - c_deg[i]) / (c_deg[i + 1] - c_deg[i])
    value: Floats = candela[i] * (1 - share) + candela[i + 1] * share
    return value


def width_deg(c_deg: Floats, gamma_deg: Floats, candela: Floats, share: float) -> float:
    """Full angle outside which the intensity stays below ``share`` of the maximum, mean of two planes.

    Measured about the nadir, or about the zenith when the maximum lies above the horizontal. 0 for no light.
    """
    peak = float(candela.max())
    if peak <= 0.0:
        return 0.0
    if gamma_deg[int(candela.max(axis=0).argmax())] > 90.0:
        gamma_deg, candela = 180.0 - gamma_deg[::-1], candela[:, ::-1]
    halves = [*plane_pair(c_deg, candela, 0.0), *plane_pair(c_deg, candela, 90.0)]
    return sum(_outermost(gamma_deg, half, share * peak) for half in halves) / 2.0


def _outermost(gamma_deg: Floats, values: Floats, level: float) -> float:
    above = np.nonzero(values >= level)[0]
    if len(above) == 0:
        return 0.0
    k = int(above[-1])
    if k == len(values) - 1:
        return float(gamma_deg[k])
    drop = values[k] - values[k + 1]
    step = (values[k] - level) / drop if drop > 0 else 0.0
    return float(gamma_deg[k] + step * (gamma_deg[k + 1] - gamma_deg[k]))
