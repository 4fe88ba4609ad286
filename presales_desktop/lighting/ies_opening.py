"""What the signs of an LM-63 file's three opening sizes mean: they differ between the editions of 1995 and 2002."""

from __future__ import annotations

from presales_desktop.lighting.photometry import Opening

_OLD = {"1986", "1991", "1995"}


def opening_of(width_m: float, length_m: float, height_m: float, year: str) -> Opening:
    """The opening from width (across C0), length (in C0) and height in metres, each of them signed.

    LM-63-2002, table 1, and LM-63-1995, 4.3: a negative size is a diameter. A disc is -D 0 0 in 1995 and -D -D 0 in
    2002; a height below zero makes a body that is round from the side. LM-63-1995 has ellipses and ellipsoids
    (-a b) where LM-63-2002 has horizontal cylinders.
    """
    w, length, h = abs(width_m), abs(length_m), abs(height_m)
    if height_m < 0:
        return _round_from_the_side(width_m, length_m, w, length, h, year)
    if width_m < 0 or length_m < 0:
        if length == 0:
            length = w
        elif w == 0:
            w = length
        if h > 0 and w == length:
            return Opening("cylinder", length, w, h)
        return Opening("circle" if w == length else "ellipse", length, w, h)
    if w == 0 and length == 0 and h == 0:
        return Opening()
    return Opening("box" if h > 0 else "rectangle", length, w, h)


def _round_from_the_side(width_m: float, length_m: float, w: float, length: float, h: float, year: str) -> Opening:
    if (width_m < 0) == (length_m < 0) and w > 0 and length > 0:
        return Opening("sphere" if w == length == h else "ellipsoid", length, w, h)
    if w == 0 and length == 0:
        return Opening("sphere", h, h, h)
    if year in _OLD:
        # -D 0 -D: a sphere; a b -h: an ellipsoid; 0 L -D and W 0 -D: cylinders that lie along length or width.
        if (width_m < 0 and length == 0) or (length_m < 0 and w == 0):
            return Opening("sphere", h, h, h)
        if w > 0 and length > 0:
            return Opening("ellipsoid", length, w, h)
        return Opening("horizontal_cylinder", length or h, w or h, h)
    # 2002: -D L -D along the length, W -D -D along the width; -D 0 -D and 0 -D -D are upright discs.
    if w == 0 or length == 0:
        if width_m > 0 or length_m > 0:
            return Opening("horizontal_cylinder", length or h, w or h, h)
        return Opening("vertical_circle", length, w, h)
    return Opening("horizontal_cylinder", length, w, h)
