"""Small drawn product pictures for the demo: a calm side view on a light card, drawn here, copied from nowhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter

EDGE = 256
_SCALE = 2
_CARD = (244, 245, 247)
_LINE = (92, 99, 112)
_FACE = {
    "哑白": (252, 252, 252), "白": (252, 252, 252), "哑黑": (58, 60, 66), "黑": (58, 60, 66), "银灰": (186, 190, 197),
    "深灰": (96, 100, 108), "深空灰": (96, 100, 108), "香槟金": (222, 196, 150), "沙金": (206, 178, 128), "古铜": (138, 104, 74),
    "原木白": (232, 212, 182), "墨绿": (64, 98, 84), "橘粉": (232, 178, 154), "做旧铁": (110, 96, 86), "胡桃木": (120, 84, 60),
    "黑檀": (70, 56, 50),
}  # fmt: skip
Draw: TypeAlias = "ImageDraw.ImageDraw"
Color = tuple[int, int, int]


def glow_color(cct_k: int) -> Color:
    """The colour of the glow: warm below 3500 K, neutral, cool above 4500 K."""
    if cct_k < 3500:
        return (255, 206, 130)
    return (255, 234, 196) if cct_k < 4500 else (222, 236, 255)


@lru_cache(maxsize=256)
def picture(category: str, shape: str, mounting: str, finish: str, cct_k: int, ratio: float) -> bytes:
    """A PNG of EDGE px. RATIO: height / length of the product, 0.02 to 4, decides the proportions."""
    big = EDGE * _SCALE
    image = _lit_card(_GLOWS.get(category, "cone"), cct_k)
    draw = ImageDraw.Draw(image)
    face = _FACE.get(finish, (236, 237, 240))
    _ROUTINES.get(category, _box)(draw, big, face, min(max(ratio, 0.02), 4.0), shape, mounting)
    out = io.BytesIO()
    image.reduce(_SCALE).save(out, "PNG", compress_level=1)
    return out.getvalue()


_GLOWS = {
    "control": "none", "accessory": "none", "inground": "up", "pendant": "round", "table": "round", "floor": "round",
    "wall": "round", "ceiling": "round",
}  # fmt: skip


def _lit_card(glow: str, cct_k: int) -> Image.Image:
    return _glowing(glow, glow_color(cct_k)).copy()


@lru_cache(maxsize=16)
def _glowing(glow: str, color: Color) -> Image.Image:
    """The card with its glow, blurred small and then enlarged smoothly."""
    edge = 64
    mask = Image.new("L", (edge, edge), 0)
    draw = ImageDraw.Draw(mask)
    if glow == "up":
        draw.polygon([(29, 44), (35, 44), (52, 0), (12, 0)], fill=190)
    elif glow == "round":
        draw.ellipse([13, 13, 51, 51], fill=160)
    elif glow == "cone":
        draw.polygon([(27, 27), (37, 27), (56, 64), (8, 64)], fill=190)
    big = EDGE * _SCALE
    mask = mask.filter(ImageFilter.GaussianBlur(5)).resize((big, big), Image.Resampling.BICUBIC)
    card = Image.new("RGB", (big, big), _CARD)
    card.paste(Image.new("RGB", (big, big), color), (0, 0), mask)
    return card


def _stroke(big: int) -> int:
    return max(2, big // 160)


def _ceiling_line(draw: Draw, big: int, y: float) -> None:
    draw.line([(0.08 * big, y), (0.92 * big, y)], fill=_LINE, width=_stroke(big))


def _recessed(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    """Downlights and spots: a can above the ceiling line, a trim below; surface ones hang under it."""
    half = 0.2 * big
    height = min(max(ratio, 0.25), 0.8) * 2 * half
    y = 0.42 * big
    w = _stroke(big)
    if mounting == "surface":
        y = 0.22 * big
        draw.rounded_rectangle([big / 2 - half, y, big / 2 + half, y + height], 8, fill=face, outline=_LINE, width=w)
        _ceiling_line(draw, big, y)
        y += height
    else:
        draw.rounded_rectangle([big / 2 - 0.82 * half, y - height, big / 2 + 0.82 * half, y], 8,
                               fill=(206, 210, 217), outline=_LINE, width=w)  # fmt: skip
        for n in range(1, 5):
            x = big / 2 - 0.82 * half + n * 1.64 * half / 5
            draw.line([(x, y - height + 6), (x, y - 6)], fill=(178, 183, 192), width=w)
        _ceiling_line(draw, big, y)
    radius = 2 if shape in ("square", "rectangle") else 9
    draw.rounded_rectangle(
        [big / 2 - half, y, big / 2 + half, y + 0.035 * big], radius, fill=face, outline=_LINE, width=w
    )
    draw.rectangle([big / 2 - 0.7 * half, y + 0.035 * big, big / 2 + 0.7 * half, y + 0.047 * big], fill=(255, 244, 214))


def _track(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    draw.rectangle([0.08 * big, 0.2 * big, 0.92 * big, 0.235 * big], fill=(70, 73, 80))
    if shape == "linear":
        draw.rounded_rectangle([0.2 * big, 0.235 * big, 0.8 * big, 0.31 * big], 5, fill=face, outline=_LINE, width=w)
        for n in range(9):
            x = (0.225 + n * 0.0625) * big
            draw.rectangle([x, 0.285 * big, x + 0.042 * big, 0.312 * big], fill=(255, 240, 206))
        return
    draw.rectangle([0.44 * big, 0.235 * big, 0.56 * big, 0.3 * big], fill=face, outline=_LINE, width=w)
    draw.line([(0.5 * big, 0.3 * big), (0.5 * big, 0.36 * big)], fill=_LINE, width=3 * w)
    draw.polygon([(0.37 * big, 0.36 * big), (0.56 * big, 0.33 * big), (0.63 * big, 0.56 * big), (0.41 * big, 0.6 * big)],
                 fill=face, outline=_LINE, width=w)  # fmt: skip
    draw.line([(0.41 * big, 0.6 * big), (0.63 * big, 0.56 * big)], fill=(255, 236, 196), width=4 * w)


def _bar(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    """Linear and panel luminaires: a flat body, on wires, on the ceiling or in it."""
    w = _stroke(big)
    high = min(max(ratio, 0.045), 0.2) * 0.76 * big
    y = 0.4 * big
    if mounting == "pendant":
        for x in (0.24, 0.76):
            draw.line([(x * big, 0.1 * big), (x * big, y)], fill=_LINE, width=w)
        _ceiling_line(draw, big, 0.1 * big)
    elif mounting == "recessed":
        _ceiling_line(draw, big, y + high)
    else:
        _ceiling_line(draw, big, y)
    draw.rounded_rectangle([0.12 * big, y, 0.88 * big, y + high], 6, fill=face, outline=_LINE, width=w)
    draw.rectangle([0.15 * big, y + high - 3 * w, 0.85 * big, y + high], fill=(255, 246, 222))


def _pendant(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    _ceiling_line(draw, big, 0.08 * big)
    if shape == "ring":
        for x in (0.28, 0.5, 0.72):
            draw.line([(0.5 * big, 0.08 * big), (x * big, 0.52 * big)], fill=_LINE, width=w)
        draw.ellipse([0.16 * big, 0.46 * big, 0.84 * big, 0.66 * big], outline=face, width=14)
        draw.ellipse([0.16 * big, 0.46 * big, 0.84 * big, 0.66 * big], outline=_LINE, width=w)
        return
    draw.line([(0.5 * big, 0.08 * big), (0.5 * big, 0.34 * big)], fill=_LINE, width=w)
    if ratio > 0.75:
        top, bottom = 0.34, 0.64
        mouth = 0.24
        draw.polygon([(0.46 * big, top * big), (0.54 * big, top * big), ((0.5 + mouth) * big, bottom * big),
                      ((0.5 - mouth) * big, bottom * big)], fill=face, outline=_LINE, width=w)  # fmt: skip
        draw.ellipse([0.44 * big, 0.6 * big, 0.56 * big, 0.7 * big], fill=(255, 241, 205), outline=_LINE, width=w)
        return
    for n, x in enumerate((0.2, 0.35, 0.5, 0.65, 0.8)):
        y = (0.52, 0.58, 0.6, 0.58, 0.52)[n]
        draw.line([(0.5 * big, 0.36 * big), (x * big, y * big)], fill=face if sum(face) < 600 else _LINE, width=2 * w)
        draw.ellipse([(x - 0.06) * big, (y - 0.02) * big, (x + 0.06) * big, (y + 0.1) * big],
                     fill=(255, 245, 220), outline=_LINE, width=w)  # fmt: skip


def _flush(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    _ceiling_line(draw, big, 0.34 * big)
    draw.rectangle([0.18 * big, 0.34 * big, 0.82 * big, 0.38 * big], fill=face, outline=_LINE, width=w)
    if shape == "round":
        draw.chord(
            [0.22 * big, 0.24 * big, 0.78 * big, 0.52 * big], 0, 180, fill=(255, 248, 230), outline=_LINE, width=w
        )
    else:
        draw.rounded_rectangle(
            [0.2 * big, 0.38 * big, 0.8 * big, 0.5 * big], 10, fill=(255, 248, 230), outline=_LINE, width=w
        )


def _wall(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    draw.line([(0.34 * big, 0.08 * big), (0.34 * big, 0.92 * big)], fill=_LINE, width=w)
    high = min(max(ratio, 0.5), 2.2) * 0.11 * big
    draw.rectangle([0.34 * big, 0.46 * big, 0.42 * big, 0.54 * big], fill=(206, 210, 217), outline=_LINE, width=w)
    draw.rounded_rectangle(
        [0.42 * big, 0.5 * big - high, 0.62 * big, 0.5 * big + high], 8, fill=face, outline=_LINE, width=w
    )
    draw.line([(0.44 * big, 0.5 * big + high), (0.6 * big, 0.5 * big + high)], fill=(255, 238, 200), width=4 * w)


def _standing(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    """Table and floor lamps: base, stem, shade."""
    w = _stroke(big)
    bottom, top = 0.86 * big, (0.16 if mounting == "floor" else 0.34) * big
    draw.rounded_rectangle([0.38 * big, bottom - 0.03 * big, 0.62 * big, bottom], 6, fill=face, outline=_LINE, width=w)
    draw.line([(0.5 * big, bottom - 0.03 * big), (0.5 * big, top + 0.1 * big)], fill=_LINE, width=3 * w)
    if shape == "linear":
        draw.line([(0.5 * big, top + 0.1 * big), (0.66 * big, top)], fill=_LINE, width=3 * w)
        draw.rounded_rectangle(
            [0.4 * big, top - 0.03 * big, 0.8 * big, top + 0.03 * big], 6, fill=face, outline=_LINE, width=w
        )
        return
    draw.polygon([(0.39 * big, top), (0.61 * big, top), (0.7 * big, top + 0.22 * big), (0.3 * big, top + 0.22 * big)],
                 fill=(255, 244, 222), outline=_LINE, width=w)  # fmt: skip


def _strip(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    for ring in range(3):
        inset = (0.2 + 0.07 * ring) * big
        draw.ellipse([inset, inset, big - inset, big - inset], outline=(250, 250, 250), width=20)
        draw.ellipse([inset, inset, big - inset, big - inset], outline=_LINE, width=w)
    draw.line([(0.5 * big, 0.8 * big), (0.9 * big, 0.86 * big)], fill=(250, 250, 250), width=20)


def _flood(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    draw.arc([0.3 * big, 0.3 * big, 0.7 * big, 0.7 * big], 30, 150, fill=_LINE, width=3 * w)
    draw.rounded_rectangle([0.26 * big, 0.26 * big, 0.74 * big, 0.56 * big], 10, fill=face, outline=_LINE, width=w)
    for row in range(2):
        for n in range(4):
            x, y = (0.31 + 0.1 * n) * big, (0.31 + 0.11 * row) * big
            draw.rounded_rectangle(
                [x, y, x + 0.075 * big, y + 0.08 * big], 5, fill=(255, 244, 214), outline=_LINE, width=w
            )


def _inground(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    draw.line([(0.08 * big, 0.66 * big), (0.92 * big, 0.66 * big)], fill=_LINE, width=w)
    wide = 0.34 if shape == "linear" else 0.16
    draw.rectangle(
        [(0.5 - wide) * big, 0.66 * big, (0.5 + wide) * big, 0.84 * big], fill=(186, 190, 197), outline=_LINE, width=w
    )
    draw.rounded_rectangle([(0.5 - wide - 0.03) * big, 0.64 * big, (0.5 + wide + 0.03) * big, 0.67 * big], 4,
                           fill=(120, 125, 134), outline=_LINE, width=w)  # fmt: skip


def _highbay(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    if shape == "linear":
        _bar(draw, big, face, 0.1, shape, mounting)
        return
    w = _stroke(big)
    draw.arc([0.44 * big, 0.1 * big, 0.56 * big, 0.24 * big], 180, 360, fill=_LINE, width=3 * w)
    draw.rectangle([0.42 * big, 0.18 * big, 0.58 * big, 0.32 * big], fill=(120, 125, 134), outline=_LINE, width=w)
    draw.chord([0.2 * big, 0.28 * big, 0.8 * big, 0.72 * big], 180, 360, fill=(92, 97, 106), outline=_LINE, width=w)
    draw.rectangle([0.22 * big, 0.495 * big, 0.78 * big, 0.52 * big], fill=(255, 246, 222), outline=_LINE, width=w)


def _box(draw: Draw, big: int, face: Color, ratio: float, shape: str, mounting: str) -> None:
    w = _stroke(big)
    half = min(max(ratio, 0.12), 0.7) * 0.32 * big
    draw.rounded_rectangle(
        [0.18 * big, 0.5 * big - half, 0.82 * big, 0.5 * big + half], 10, fill=face, outline=_LINE, width=w
    )
    draw.ellipse([0.72 * big, 0.5 * big - 6, 0.745 * big, 0.5 * big + 10], fill=(26, 127, 75))


_Routine = Callable[[Draw, int, Color, float, str, str], None]
_ROUTINES: dict[str, _Routine] = {
    "downlight": _recessed, "spotlight": _recessed, "track": _track, "linear": _bar, "panel": _bar, "pendant": _pendant,
    "ceiling": _flush, "wall": _wall, "table": _standing, "floor": _standing, "strip": _strip, "flood": _flood,
    "inground": _inground, "highbay": _highbay,
}  # fmt: skip
