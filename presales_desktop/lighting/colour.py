"""Colour of light and of surfaces: mixing of colour temperatures, rendering indices, and what a scheme of colours does.

Chromaticities are CIE 1931. Without the lamps' spectra a mixture's Ra cannot be known: the mean weighted by illuminance is an
estimate, the lowest of the parts is the safe side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Linear sRGB from XYZ, D65 (IEC 61966-2-1).
_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
WARMEST_K, COLDEST_K = 1667.0, 25_000.0


def chromaticity(kelvin: npt.ArrayLike) -> Floats:
    """[..., 2] x, y of a black body of 1667 to 25000 K (Kim et al. 2002, US patent 7024034); others are drawn in."""
    t = np.clip(np.asarray(kelvin, dtype=np.float64), WARMEST_K, COLDEST_K)
    k = 1e3 / t
    warm = -0.2661239 * k**3 - 0.2343589 * k**2 + 0.8776956 * k + 0.179910
    cold = -3.0258469 * k**3 + 2.1070379 * k**2 + 0.2226347 * k + 0.240390
    x = np.where(t <= 4000.0, warm, cold)
    y = np.where(
        t <= 2222.0,
        -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683,
        np.where(
            t <= 4000.0,
            -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867,
            3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483,
        ),
    )
    return np.stack([x, y], axis=-1)


def temperature(xy: Floats) -> Floats:
    """Correlated colour temperature in K of chromaticities [..., 2]: the nearest black body in CIE 1960 u, v."""
    mireds = np.linspace(1e6 / COLDEST_K, 1e6 / WARMEST_K, 1200)
    locus = _uv(chromaticity(1e6 / mireds))
    asked = _uv(np.asarray(xy, dtype=np.float64)).reshape(-1, 2)
    gaps = ((asked[:, None, :] - locus[None, :, :]) ** 2).sum(axis=2)
    k = np.clip(gaps.argmin(axis=1), 1, len(mireds) - 2)
    rows = np.arange(len(asked))
    before, here, after = gaps[rows, k - 1], gaps[rows, k], gaps[rows, k + 1]
    bend = before - 2 * here + after
    shift = np.where(bend > 0, 0.5 * (before - after) / np.where(bend > 0, bend, 1.0), 0.0)
    found = 1e6 / (mireds[k] + np.clip(shift, -1, 1) * (mireds[1] - mireds[0]))
    return np.asarray(found.reshape(np.shape(xy)[:-1]))


def _uv(xy: Floats) -> Floats:
    x, y = xy[..., 0], xy[..., 1]
    below = -2.0 * x + 12.0 * y + 3.0
    return np.stack([4.0 * x / below, 6.0 * y / below], axis=-1)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Light of several lamps on one place: its colour temperature, and Ra as an estimate and as the lowest part."""

    cct_k: float | None
    ra_mean: float | None
    ra_lowest: float | None


def mix(lux: Sequence[float], cct_k: Sequence[float | None], ra: Sequence[float | None]) -> Mixture:
    """What illuminances of known colour come to together; parts of unknown colour are left out, None if all are."""
    known = [(e, t) for e, t in zip(lux, cct_k, strict=True) if t is not None and e > 0]
    cct = None
    if known:
        table = np.array([e for e, _ in known])
        places = chromaticity([t for _, t in known])
        # Tristimulus values add up: X = Y x / y, Z = Y (1 - x - y) / y.
        weights = table / places[:, 1]
        cct = float(temperature((weights @ places / weights.sum())[None, :])[0])
    rendered = [(e, r) for e, r in zip(lux, ra, strict=True) if r is not None and e > 0]
    if not rendered:
        return Mixture(cct, None, None)
    mean = sum(e * r for e, r in rendered) / sum(e for e, _ in rendered)
    return Mixture(cct, mean, min(r for _, r in rendered))


def light_rgb(kelvin: float | None) -> Floats:
    """Linear sRGB [3] of light of that temperature with luminance 1; white where it is unknown."""
    if kelvin is None:
        return np.ones(3)
    x, y = chromaticity(kelvin).tolist()
    rgb = np.maximum(_TO_RGB @ np.array([x / y, 1.0, (1 - x - y) / y]), 0.0)
    return np.asarray(rgb / float(_LUMINANCE @ rgb))


def linear(colour: str) -> Floats:
    """Linear sRGB [3], 0 to 1, of "#rrggbb".

    :raises ValueError: another form
    """
    digits = colour.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(colour)
    values = np.array([int(digits[k : k + 2], 16) / 255.0 for k in (0, 2, 4)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def reflectance_of(colour: str) -> float:
    """Luminous reflectance (LRV / 100) of a matt paint of that colour."""
    return float(_LUMINANCE @ linear(colour))


def surface_rgb(colour: str, reflectance: float) -> Floats:
    """Reflectances [3] by channel of a surface whose luminous reflectance is given, tinted by its colour."""
    tint = linear(colour)
    own = float(_LUMINANCE @ tint)
    if own < 1e-4:
        return np.full(3, reflectance)
    return np.minimum(tint * (reflectance / own), 0.97)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a scheme: ``code`` for the words, the two parts, what was found and expected; ``bad`` wants a change."""

    code: str
    first: str
    second: str
    found: float
    expected: str
    bad: bool


# GB/T 50034-2024 4.6: reflectances of long-stay rooms.
REFLECTANCE_RANGES: Mapping[str, tuple[float, float]] = {
    "ceiling": (0.6, 0.9),
    "walls": (0.3, 0.8),
    "floor": (0.1, 0.5),
}
# Oklab chroma below which a colour goes with every other.
_NEUTRAL = 0.04
# Hue differences (degrees) that count as harmonious: alike, complementary, triadic.
_HARMONIES = ((0.0, 35.0, "scheme.alike"), (180.0, 20.0, "scheme.complementary"), (120.0, 15.0, "scheme.triadic"))
# Luminance ratios: between neighbouring large areas at most, of a thing and what it stands before at least.
_MOST_CONTRAST, _LEAST_CONTRAST = 10.0, 1.5


def scheme(colours: Mapping[str, str]) -> list[Finding]:
    """Reflectance, harmony and contrast of a room's colours: parts ("ceiling", "walls", "floor", "furniture", "fixture")
    to "#rrggbb".

    Harmony after the hue circle (Itten 1961) in Oklch (Ottosson 2020); contrast as the ratio of luminous reflectances.

    :raises ValueError: a colour of another form
    """
    found: list[Finding] = []
    for part, (low, high) in REFLECTANCE_RANGES.items():
        if part in colours:
            value = reflectance_of(colours[part])
            bad = not low - 0.005 <= value <= high + 0.005
            found.append(Finding("scheme.reflectance", part, "", value, f"{low:g}…{high:g}", bad))
    names = list(colours)
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            found.append(_harmony(first, second, colours))
    for first, second in (("walls", "floor"), ("walls", "ceiling")):
        if first in colours and second in colours:
            ratio = _contrast(colours[first], colours[second])
            bad = ratio > _MOST_CONTRAST
            found.append(Finding("scheme.contrast_high", first, second, ratio, f"≤ {_MOST_CONTRAST:g}", bad))
    for first, second in (("furniture", "floor"), ("fixture", "ceiling")):
        if first in colours and second in colours:
            ratio = _contrast(colours[first], colours[second])
            # A fixture of the ceiling's own colour is meant to vanish: told, not blamed.
            bad = first == "furniture" and ratio < _LEAST_CONTRAST
            found.append(Finding("scheme.contrast_low", first, second, ratio, f"≥ {_LEAST_CONTRAST:g}", bad))
    return found


def _harmony(first: str, second: str, colours: Mapping[str, str]) -> Finding:
    (_, chroma_1, hue_1), (_, chroma_2, hue_2) = oklch(colours[first]), oklch(colours[second])
    if min(chroma_1, chroma_2) < _NEUTRAL:
        return Finding("scheme.neutral", first, second, 0.0, "", False)
    gap = abs((hue_1 - hue_2 + 180.0) % 360.0 - 180.0)
    for middle, width, code in _HARMONIES:
        if abs(gap - middle) <= width:
            return Finding(code, first, second, gap, f"{middle:g} ± {width:g}", False)
    return Finding("scheme.discord", first, second, gap, "0 / 120 / 180", True)


def _contrast(first: str, second: str) -> float:
    a, b = reflectance_of(first) + 0.01, reflectance_of(second) + 0.01
    return max(a, b) / min(a, b)


def oklch(colour: str) -> tuple[float, float, float]:
    """Lightness 0 to 1, chroma and hue in degrees (Ottosson 2020)."""
    r, g, b = linear(colour).tolist()
    cones = np.cbrt(
        [
            0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
            0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
            0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
        ]
    )
    long, medium, short = cones.tolist()
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    hue = math.degrees(math.atan2(blue_yellow, green_red)) % 360.0
    return lightness, math.hypot(green_red, blue_yellow), hue
