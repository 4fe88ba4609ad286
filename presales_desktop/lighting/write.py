"""Photometries back to files: LM-63-2002 and EULUMDAT, such that reading them again keeps the flux."""

from __future__ import annotations

import numpy as np

from presales_desktop.lighting import utilisation
from presales_desktop.lighting.photometry import ROUND, Floats, Photometry, Symmetry

_ISYM: dict[Symmetry, int] = {
    "none": 0,
    "axial": 1,
    "bilateral_0_180": 2,
    "bilateral_90_270": 3,
    "quadrant": 4,
}
_EULUMDAT_TEXT = 78
_ROOM_INDICES = (0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
# Three more than an IES file's intensities get, so that nothing is lost on the way through cd per 1000 lm.
_PER_KLM_DIGITS = 12


def write_ies(photometry: Photometry) -> bytes:
    """An LM-63-2002 file, type C, metres, UTF-8. Types A and B are written as the type C that they unfold to."""
    p = photometry
    c_deg, gamma_deg, candela = _type_c(p)
    lines = ["IESNA:LM-63-2002"]
    named = {"MANUFAC": p.manufacturer, "LUMCAT": p.catalog_number, "LUMINAIRE": p.luminaire, "LAMP": p.lamp}
    for key, value in {**named, **{k: v for k, v in p.keywords.items() if k not in named}}.items():
        first, *more = value.splitlines() or [""]
        lines.append(f"[{key}] {first}")
        lines += [f"[MORE] {line}" for line in more]
    if p.lamp_tilt_deg is not None and p.lamp_tilt_factor is not None:
        lines += ["TILT=INCLUDE", "1", str(len(p.lamp_tilt_deg))]
        lines += _rows(p.lamp_tilt_deg) + _rows(p.lamp_tilt_factor)
    else:
        lines.append("TILT=NONE")
    lumens = -1.0 if p.rated_lumens is None else p.rated_lumens
    lines.append(f"1 {lumens:.8g} 1 {len(gamma_deg)} {len(c_deg)} 1 2 {_ies_opening(p)}")
    lines.append(f"1 1 {p.watts:.8g}")
    lines += _rows(gamma_deg) + _rows(c_deg)
    for plane in candela:
        lines += _rows(plane)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def write_ldt(photometry: Photometry) -> bytes:
    """An EULUMDAT file, UTF-8. Absolute photometry gets the lamp number -1 and its own flux."""
    p = photometry
    # Rounded as it will be read: candela x 1000 / flux x flux / 1000 then comes back to the last digit of an IES file.
    flux = float(_n(p.rated_lumens or max(p.lumens, 1e-9)))
    isym, c_deg, stored, gamma_deg = _eulumdat_planes(p)
    per_klm = stored * (1000.0 / flux)
    lor = 100.0 * p.lumens / flux
    down = 100.0 * p.lumens_down / p.lumens if p.lumens > 0 else 0.0
    o = p.opening
    # EULUMDAT has a width of 0 for discs; an ellipse is told by its rectangle.
    round_opening = o.shape in {"circle", "cylinder", "sphere"}
    length, width = o.along_c90_m * 1000.0, 0.0 if round_opening else o.along_c0_m * 1000.0
    head: list[object] = [p.manufacturer, 1 if isym == 1 else 2, isym, len(c_deg), 0, len(gamma_deg), 0]
    head += [p.keywords.get("REPORT", p.keywords.get("TEST", "")), p.luminaire, p.catalog_number]
    head += [p.keywords.get("FILE", ""), p.keywords.get("DATE", p.keywords.get("ISSUEDATE", ""))]
    head += [_n(length), _n(width), _n(o.height_m * 1000.0), _n(length), _n(width), *[_n(o.height_m * 1000.0)] * 4]
    head += [_n(down), _n(lor), 1, 0, 1]
    head += [-1 if p.absolute else 1, p.lamp, _n(flux), p.cct_k or "", p.ra or "", _n(p.watts)]
    head += [f"{coefficient:.3f}" for coefficient in _direct_ratios(p)]
    lines = [_one_line(item) for item in head]
    lines += [_n(value) for value in (*c_deg, *gamma_deg)]
    lines += [f"{value:.{_PER_KLM_DIGITS}g}" for value in per_klm.ravel().tolist()]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def _type_c(p: Photometry) -> tuple[Floats, Floats, Floats]:
    if p.type == "C":
        return p.c_angles_deg, p.gamma_angles_deg, p.candela
    return p.full()


def _eulumdat_planes(p: Photometry) -> tuple[int, Floats, Floats, Floats]:
    """(Isym, all C angles below 360, the stored planes, gamma angles)."""
    if p.type != "C":
        c_deg, gamma_deg, candela = p.full()
        return 0, c_deg[:-1], candela[:-1], gamma_deg
    gamma_deg = p.gamma_angles_deg
    if p.symmetry == "axial":
        return 1, np.array([0.0]), p.candela, gamma_deg
    c_deg, full_gamma, full = p.full()
    # The unfolding adds zeros beyond the given gammas; the file keeps to the given ones.
    columns = np.searchsorted(full_gamma, gamma_deg - 1e-9)
    c_deg, full = c_deg[:-1], full[:-1, columns]
    if p.symmetry == "none":
        return 0, c_deg, full, gamma_deg
    if p.symmetry == "bilateral_0_180":
        keep = c_deg <= 180.0 + 1e-6
        return (2, c_deg, full[keep], gamma_deg) if _even(c_deg, 2) else (0, c_deg, full, gamma_deg)
    if not _even(c_deg, 4):
        return 0, c_deg, full, gamma_deg
    if p.symmetry == "quadrant":
        return 4, c_deg, full[c_deg <= 90.0 + 1e-6], gamma_deg
    right = np.vstack([full[c_deg >= 270.0 - 1e-6], full[c_deg <= 90.0 + 1e-6]])
    return _ISYM["bilateral_90_270"], c_deg, right, gamma_deg


def _even(c_deg: Floats, parts: int) -> bool:
    """Whether the format's arithmetic of stored planes fits: a plane at each ``360 / parts`` with as many in each part."""
    n = len(c_deg)
    return n % parts == 0 and all(abs(c_deg[k * n // parts] - 360.0 * k / parts) < 1e-6 for k in range(parts))


def _direct_ratios(p: Photometry) -> list[float]:
    """DR 1 to DR 10 for the room indices 0.6 to 5: the utilisation of the downward flux in a black room."""
    if p.lumens_down <= 0:
        return [0.0] * len(_ROOM_INDICES)
    lamps = p.rated_lumens or p.lumens
    return [utilisation.coefficient(p, 5.0 / k, 0.0, 0.0, 0.0) * lamps / p.lumens_down for k in _ROOM_INDICES]


def _ies_opening(p: Photometry) -> str:
    """Width, length and height as LM-63-2002 signs them."""
    o = p.opening
    width, length, height = o.along_c90_m, o.along_c0_m, o.height_m
    if o.shape in ROUND or o.shape == "vertical_circle":
        width, length = -width, -length
    if o.shape in {"sphere", "ellipsoid", "horizontal_cylinder", "vertical_circle"}:
        height = -height
    if o.shape == "horizontal_cylinder":
        # The side that is as wide as the body is high is its diameter.
        width, length = (width, -length) if abs(length - abs(height)) < abs(width - abs(height)) else (-width, length)
    return f"{width:.8g} {length:.8g} {height:.8g}"


def _rows(values: Floats, per_row: int = 10) -> list[str]:
    texts = [_n(value) for value in values]
    return [" ".join(texts[k : k + per_row]) for k in range(0, len(texts), per_row)]


def _n(value: float) -> str:
    return f"{float(value):.9g}"


def _one_line(item: object) -> str:
    return " ".join(str(item).split())[:_EULUMDAT_TEXT]
