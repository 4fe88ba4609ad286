"""Drawn photos of rooms for the demo: a corner in one-point perspective with what the surveyor saw. Seeded, a few kilobytes each."""

from __future__ import annotations

import io
from random import Random
from typing import Any

# wall, floor, ceiling as the eye meets them in such rooms
_LOOKS = {
    "home": ((222, 214, 203), (168, 134, 98), (240, 238, 233)),
    "office": ((226, 230, 233), (121, 126, 133), (244, 245, 246)),
    "shop": ((205, 200, 196), (92, 88, 86), (64, 62, 62)),
    "hotel": ((196, 178, 155), (112, 86, 66), (228, 219, 205)),
    "school": ((236, 236, 224), (150, 158, 140), (246, 246, 242)),
}
_SIZE = (960, 720)
_DRAWN = (480, 360)


def room_photo(rng: Random, look: str) -> bytes:
    """A JPEG of an unlit room: bare bulb, window light, some furniture as blocks."""
    from PIL import Image, ImageDraw, ImageFilter

    wall, floor, ceiling = _LOOKS.get(look, _LOOKS["home"])
    w, h = _DRAWN
    left, right = int(w * rng.uniform(0.2, 0.3)), int(w * rng.uniform(0.7, 0.8))
    top, bottom = int(h * rng.uniform(0.2, 0.28)), int(h * rng.uniform(0.62, 0.7))
    image = Image.new("RGB", _DRAWN, wall)
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 0), (w, 0), (right, top), (left, top)], fill=ceiling)
    draw.polygon([(0, h), (w, h), (right, bottom), (left, bottom)], fill=floor)
    draw.polygon([(0, 0), (left, top), (left, bottom), (0, h)], fill=_shade(wall, 0.86))
    draw.polygon([(w, 0), (right, top), (right, bottom), (w, h)], fill=_shade(wall, 0.78))
    _window(draw, rng, left, top, bottom)
    for _ in range(rng.randint(2, 4)):
        _block(draw, rng, floor, bottom, h, w)
    x = rng.randint(left + 30, right - 30)
    draw.line([(x, top // 2), (x, top + 20)], fill=(60, 60, 60), width=2)
    # The bulb's shine is soft: painted and blurred at an eighth of the size, where that costs next to nothing.
    shine = Image.new("L", (w // 8, h // 8), 0)
    ImageDraw.Draw(shine).ellipse([n / 8 for n in (x - 65, top - 40, x + 65, top + 90)], fill=100)
    shine = shine.filter(ImageFilter.GaussianBlur(4)).resize(_DRAWN, Image.Resampling.BILINEAR)
    image.paste(Image.new("RGB", _DRAWN, (255, 226, 160)), (0, 0), shine)
    draw.ellipse((x - 6, top + 18, x + 6, top + 31), fill=(255, 244, 205))
    out = io.BytesIO()
    # Drawn at half the size: enlarging it makes the edges as soft as a telephone's camera does.
    image.resize(_SIZE, Image.Resampling.BICUBIC).save(out, "JPEG", quality=72)
    return out.getvalue()


def _shade(color: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    r, g, b = (int(c * factor) for c in color)
    return r, g, b


def _window(draw: Any, rng: Random, left: int, top: int, bottom: int) -> None:
    """Daylight in the left wall."""
    a, b = left * 0.3, left * 0.75
    high, low = top * 0.9, bottom * rng.uniform(0.8, 0.95)
    draw.polygon([(a, high * 0.85), (b, high), (b, low), (a, low * 1.08)], fill=(214, 228, 240))


def _block(draw: Any, rng: Random, floor: tuple[int, int, int], bottom: int, h: int, w: int) -> None:
    """A table, shelf or counter as a box on the floor."""
    x, wide, high = rng.randint(30, w - 160), rng.randint(60, 130), rng.randint(25, 65)
    y = rng.randint(bottom, int(h * 0.86))
    color = _shade(floor, rng.uniform(0.55, 1.25))
    draw.rectangle((x, y - high, x + wide, y), fill=_shade(color, 0.9))
    draw.polygon(
        [(x, y - high), (x + wide, y - high), (x + wide + 13, y - high - 9), (x + 13, y - high - 9)], fill=color
    )
