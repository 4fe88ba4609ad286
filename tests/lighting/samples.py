"""Photometries and files that the tests write themselves."""

from __future__ import annotations

import math

import numpy as np

from presales_desktop.lighting.live import Reflectance, Room
from presales_desktop.lighting.photometry import Opening, Photometry

RECTANGLE = ((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0))
L_SHAPE = ((0.0, 0.0), (6.0, 0.0), (6.0, 2.0), (3.0, 2.0), (3.0, 5.0), (0.0, 5.0))


def axial(candela_at, opening: Opening | None = None, watts: float = 10.0, step_deg: float = 0.5) -> Photometry:
    """An axial photometry from I(gamma in radians)."""
    gamma = np.arange(0.0, 180.0 + step_deg / 2, step_deg)
    candela = np.array([[candela_at(g) for g in np.radians(gamma)]])
    return Photometry(
        format="test", type="C", manufacturer="", catalog_number="", luminaire="", lamp="", keywords={},
        rated_lumens=None, watts=watts, opening=opening or Opening(), c_angles_deg=np.array([0.0]),
        gamma_angles_deg=gamma, candela=candela, symmetry="axial", absolute=True,
    )  # fmt: skip


def isotropic(lumens: float, watts: float = 10.0) -> Photometry:
    return axial(lambda g: lumens / (4.0 * math.pi), watts=watts)


def lambertian(peak_cd: float, opening: Opening | None = None) -> Photometry:
    return axial(lambda g: max(peak_cd * math.cos(g), 0.0), opening)


def skewed(lumens: float = 1000.0) -> Photometry:
    """No symmetry at all, up- and downlight."""
    c, gamma = np.arange(0.0, 361.0, 15.0), np.arange(0.0, 181.0, 5.0)
    cr, gr = np.radians(c)[:, None], np.radians(gamma)[None, :]
    down = np.cos(gr).clip(0) ** 2 * (1.2 + np.cos(cr - 0.4) * np.sin(gr) + 0.5 * np.sin(2 * cr) * np.sin(gr) ** 2)
    candela = 300.0 * down + 20.0 * (1 - np.cos(gr))
    return Photometry(
        format="test", type="C", manufacturer="", catalog_number="", luminaire="", lamp="", keywords={},
        rated_lumens=lumens, watts=20.0, opening=Opening(), c_angles_deg=c, gamma_angles_deg=gamma,
        candela=candela, symmetry="none", absolute=False,
    )  # fmt: skip


def room(polygon=RECTANGLE, height: float = 2.8, rho=(0.7, 0.5, 0.2)) -> Room:
    return Room(tuple(polygon), height, Reflectance(*rho), "test")


def ies(
    header: str = "IESNA:LM-63-2002",
    keywords: str = "[MANUFAC] Test works\n[LUMCAT] T-1\n[LUMINAIRE] Downlight",
    tilt: str = "TILT=NONE",
    line_1: str = "1 2000 1 3 1 1 2 0 0 0",
    line_2: str = "1 1 9.5",
    angles: str = "0 45 90\n0",
    candela: str = "500 300 0",
) -> bytes:
    parts = [header, keywords, tilt, line_1, line_2, angles, candela]
    return ("\n".join(part for part in parts if part) + "\n").encode()


def ldt(
    isym: int = 1,
    planes: int = 1,
    gamma=(0, 45, 90),
    c=(0,),
    values=(500, 300, 0),
    lamps=(("1", "LED", "1000", "3000", "80", "9.5"),),
    sizes=("0", "0", "0", "0", "0", "0", "0", "0", "0"),
    conversion: str = "1",
) -> bytes:
    head = ["Test works", "1", isym, planes, 0, len(gamma), 0, "R1", "Downlight", "T-1", "t.ldt", "today"]
    head += [*sizes, "100", "100", conversion, "0", len(lamps)]
    body = [item for lamp in lamps for item in lamp] + ["0"] * 10 + [*c, *gamma, *values]
    return "\r\n".join(str(item) for item in [*head, *body]).encode()
