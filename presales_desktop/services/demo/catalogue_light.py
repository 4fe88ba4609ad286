"""Light distributions for the demo products: computed shapes, physically plausible, written as real IES and LDT files.

Each shape gives relative intensities over C planes and gamma; `file` scales them to the flux of a variant. Nothing is copied from a
manufacturer: the shapes are powers of the cosine (Lambert's law and its narrower relatives), Gaussian beams, and sums of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from presales_desktop.lighting.photometry import Floats, Opening, Photometry, Symmetry
from presales_desktop.lighting.write import write_ies, write_ldt

_DOWN = np.arange(0.0, 90.1, 2.5)
_SPHERE = np.arange(0.0, 180.1, 5.0)
_NARROW = np.concatenate([np.arange(0.0, 30.0, 1.0), np.arange(30.0, 90.1, 5.0)])
_UP = np.concatenate([np.arange(90.0, 150.0, 5.0), np.arange(150.0, 180.1, 1.0)])
_QUADRANT = np.arange(0.0, 90.1, 15.0)
_HALF = np.arange(0.0, 180.1, 15.0)


@dataclass(frozen=True)
class Shape:
    """Relative intensities [planes, gammas]."""

    c_deg: Floats
    gamma_deg: Floats
    candela: Floats
    symmetry: Symmetry


def _cosine_power(gamma_deg: Floats, beam_deg: float) -> Floats:
    """cos^n whose intensity is half at half the beam angle: n = ln 0.5 / ln cos(beam/2)."""
    exponent = math.log(0.5) / math.log(math.cos(math.radians(min(beam_deg, 170.0) / 2)))
    return np.asarray(np.clip(np.cos(np.radians(gamma_deg)), 0.0, 1.0) ** exponent)


def _beam(gamma_deg: Floats, beam_deg: float) -> Floats:
    """A Gaussian beam with a little spill, gone at 75°."""
    core = np.exp(-math.log(2.0) * (gamma_deg / (beam_deg / 2)) ** 2)
    spill = 0.02 * np.clip(1.0 - gamma_deg / 75.0, 0.0, 1.0)
    return np.asarray(0.98 * core + spill)


def _shield(gamma_deg: Floats, from_deg: float, to_deg: float) -> Floats:
    """1 below FROM, 0 above TO, smooth between: the edge of a reflector or shade."""
    t = np.clip((gamma_deg - from_deg) / (to_deg - from_deg), 0.0, 1.0)
    return np.asarray(0.5 * (1.0 + np.cos(math.pi * t)))


def _axial(gamma_deg: Floats, values: Floats) -> Shape:
    return Shape(np.array([0.0]), gamma_deg, values[np.newaxis, :], "axial")


def _quadrant(gamma_deg: Floats, along: Floats, across: Floats) -> Shape:
    """Between the planes C0 (ALONG the length) and C90 (ACROSS) it goes over with sin²."""
    share = np.sin(np.radians(_QUADRANT))[:, np.newaxis] ** 2
    return Shape(_QUADRANT, gamma_deg, (1 - share) * along + share * across, "quadrant")


def _toward(gamma_deg: Floats, peak_deg: float, width_deg: float) -> Shape:
    """A lobe in the plane C0 with its peak at PEAK, the same on both sides of that plane."""
    c = np.radians(_HALF)[:, np.newaxis]
    g = np.radians(gamma_deg)[np.newaxis, :]
    peak = math.radians(peak_deg)
    cos_angle = math.cos(peak) * np.cos(g) + math.sin(peak) * np.sin(g) * np.cos(c)
    angle = np.degrees(np.arccos(np.clip(cos_angle, -1.0, 1.0)))
    lobe = np.exp(-math.log(2.0) * (angle / (width_deg / 2)) ** 2)
    cut = np.where(gamma_deg[np.newaxis, :] <= 90.0, 1.0, 0.0) if gamma_deg[-1] <= 90.0 else 1.0
    return Shape(_HALF, gamma_deg, np.asarray((lobe + 0.015) * cut), "bilateral_0_180")


def _cosine(angle: float) -> Shape:
    return _axial(_DOWN, _cosine_power(_DOWN, angle))


def _downlight(angle: float) -> Shape:
    return _axial(_DOWN, _cosine_power(_DOWN, angle) * (0.04 + 0.96 * _shield(_DOWN, 35.0, 68.0)))


def _spot(angle: float) -> Shape:
    return _axial(_NARROW, _beam(_NARROW, angle))


def _linear(angle: float) -> Shape:
    return _quadrant(_DOWN, _cosine_power(_DOWN, 118.0), _cosine_power(_DOWN, angle))


def _panel(_: float) -> Shape:
    return _quadrant(_DOWN, _cosine_power(_DOWN, 112.0), _cosine_power(_DOWN, 116.0))


def _batwing(_: float) -> Shape:
    g = np.radians(_DOWN)
    across = np.cos(g) * (1.0 + 1.6 * np.sin(g) ** 2) * _shield(_DOWN, 48.0, 80.0)
    return _quadrant(_DOWN, _cosine_power(_DOWN, 92.0) * _shield(_DOWN, 60.0, 88.0), across)


def _updown(angle: float) -> Shape:
    """Two thirds down in a beam, the rest up like a wide wing."""
    down = _cosine_power(_SPHERE, angle)
    up = np.where(_SPHERE > 90.0, np.sin(np.radians(180.0 - _SPHERE)) ** 0.5 * -np.cos(np.radians(_SPHERE)), 0.0)
    return _quadrant(_SPHERE, down + 0.35 * up, down * _shield(_SPHERE, 55.0, 88.0) + 0.55 * up)


def _globe(_: float) -> Shape:
    """Nearly even all around, darker where the fitting stands."""
    return _axial(_SPHERE, 0.8 + 0.2 * np.sin(np.radians(_SPHERE)) - 0.45 * _shield(180.0 - _SPHERE, 8.0, 45.0))


def _shade(angle: float) -> Shape:
    """An opaque shade: down through its mouth, a little up through the neck."""
    up = 0.12 * _shield(180.0 - _SPHERE, 10.0, 50.0)
    return _axial(_SPHERE, _cosine_power(_SPHERE, angle) * _shield(_SPHERE, 50.0, 80.0) + up)


def _lamp(_: float) -> Shape:
    """A fabric shade: down and up through its openings, its side glows."""
    down = _shield(_SPHERE, 35.0, 62.0)
    up = 0.8 * _shield(180.0 - _SPHERE, 30.0, 58.0)
    return _axial(_SPHERE, down + up + 0.16 * np.sin(np.radians(_SPHERE)))


def _upwall(angle: float) -> Shape:
    """Two beams along a wall, down and up, cut off behind."""
    down = _beam(_SPHERE, angle)
    up = 0.9 * _beam(180.0 - _SPHERE, angle)
    behind = (1.0 - np.cos(np.radians(_HALF)))[:, np.newaxis] / 2
    # Straight down and up all planes are one direction: nothing is cut there.
    sideways = np.clip(2.0 * np.sin(np.radians(_SPHERE)), 0.0, 1.0)
    return Shape(_HALF, _SPHERE, (1.0 - 0.75 * behind * sideways) * (down + up), "bilateral_0_180")


def _wall(angle: float) -> Shape:
    return _toward(_SPHERE, 60.0, angle)


def _wallwash(angle: float) -> Shape:
    return _toward(_DOWN, 32.0, angle * 1.6)


def _desk(angle: float) -> Shape:
    return _toward(_DOWN, 22.0, angle)


def _flood(angle: float) -> Shape:
    return _quadrant(_DOWN, _beam(_DOWN, angle * 1.35), _beam(_DOWN, angle))


def _uplight(angle: float) -> Shape:
    return _axial(_UP, _beam(180.0 - _UP, angle) * np.where(_UP > 90.0, 1.0, 0.0))


_SHAPES: dict[str, Callable[[float], Shape]] = {
    "cosine": _cosine, "downlight": _downlight, "spot": _spot, "linear": _linear, "panel": _panel, "batwing": _batwing,
    "updown": _updown, "globe": _globe, "shade": _shade, "lamp": _lamp, "upwall": _upwall, "wall": _wall,
    "wallwash": _wallwash, "desk": _desk, "flood": _flood, "uplight": _uplight,
}  # fmt: skip


@lru_cache(maxsize=128)
def _unit(kind: str, angle: float) -> Photometry:
    """The shape with a flux of 1 lm."""
    shape = _SHAPES[kind](angle)
    raw = Photometry(
        format="LM-63-2002", type="C", manufacturer="", catalog_number="", luminaire="", lamp="", keywords={},
        rated_lumens=1.0, watts=1.0, opening=Opening(), c_angles_deg=shape.c_deg, gamma_angles_deg=shape.gamma_deg,
        candela=np.clip(shape.candela, 0.0, None), symmetry=shape.symmetry, absolute=False,
    )  # fmt: skip
    return replace(raw, candela=raw.candela / raw.lumens, _cache={})


def photometry(
    light: tuple[str, float], lumens: float, watts: float, opening: Opening, *, model: str, name: str, lamp: str
) -> Photometry:
    """The distribution LIGHT (shape, angle in degrees) of a luminaire that gives LUMENS at WATTS."""
    unit = _unit(*light)
    return replace(
        unit,
        manufacturer="灯港照明 DenGang Lighting",
        catalog_number=model,
        luminaire=name,
        lamp=lamp,
        keywords={"TEST": f"DEMO-{model}", "TESTLAB": "演示数据，非实测 (computed demo data)"},
        rated_lumens=float(lumens),
        watts=float(watts),
        opening=opening,
        candela=np.round(unit.candela * lumens, 3),
        _cache={},
    )


def file(made: Photometry, *, ldt: bool) -> bytes:
    """The file of a distribution: LM-63-2002, or EULUMDAT."""
    return write_ldt(made) if ldt else write_ies(made)
