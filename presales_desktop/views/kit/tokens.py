"""Colours, sizes and fonts: the only place where they stand. Style sheets, painters and layouts read them from here.

Colours are hex names, read at paint time through `palette()`, so that a switch of the theme needs no rebuilt page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtGui import QColor

Density = Literal["comfortable", "compact"]
Tone = Literal["neutral", "accent", "amber", "good", "bad"]

SPACE: Final = 4
GAP: Final = 12
MARGIN: Final = 20
RADIUS: Final = 6
RADIUS_SMALL: Final = 4
ICON: Final = 16
ICON_LARGE: Final = 20

FAMILY: Final = "Noto Sans SC"
SMALL: Final = 12
BODY: Final = 13
SECTION: Final = 15
TITLE: Final = 20
FIGURE: Final = 28
REGULAR: Final = 400
SEMIBOLD: Final = 600

RAIL_WIDTH: Final = 200
RAIL_COLLAPSED: Final = 52
TOP_BAR: Final = 48
PANEL_WIDTH: Final = 300
MOTION_MS: Final = 120
LOADING_AFTER_MS: Final = 120


@dataclass(frozen=True)
class Palette:
    """One theme.

    window: behind everything; rail: the navigation; panel: sheets of content; raised: menus, toasts, popovers;
    field: inputs; hover, pressed: rows and quiet buttons under the pointer; hairline: separators; border: edges of inputs;
    text, secondary, faint: words by weight, each ≥ 4.5:1 on window, panel, raised and field;
    accent: words and marks; accent_fill with on_accent: the one filled button; *_soft: backgrounds of chips and bars that
    carry words of the tone's own colour; glow: light itself (fills only); bad_fill with on_accent: buttons of danger.
    """

    name: Literal["light", "dark"]
    window: str
    rail: str
    panel: str
    raised: str
    field: str
    hover: str
    pressed: str
    hairline: str
    border: str
    text: str
    secondary: str
    faint: str
    accent: str
    accent_fill: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    amber: str
    amber_soft: str
    glow: str
    good: str
    good_soft: str
    bad: str
    bad_soft: str
    bad_fill: str
    neutral_soft: str
    selection: str
    shadow: str


LIGHT: Final = Palette(
    name="light",
    window="#F5F6F8",
    rail="#ECEEF2",
    panel="#FFFFFF",
    raised="#FFFFFF",
    field="#FFFFFF",
    hover="#EEF1F5",
    pressed="#E3E7ED",
    hairline="#E2E5EA",
    border="#C6CCD6",
    text="#1A1E26",
    secondary="#525B6B",
    faint="#5B6474",
    accent="#1F4DB8",
    accent_fill="#2251C5",
    accent_hover="#1B44A8",
    accent_soft="#E6EDFC",
    on_accent="#FFFFFF",
    amber="#855200",
    amber_soft="#FCEFD4",
    glow="#F2A900",
    good="#17683A",
    good_soft="#DFF3E6",
    bad="#B0241C",
    bad_soft="#FBE6E4",
    bad_fill="#BC2A22",
    neutral_soft="#EAEDF1",
    selection="#DBE6FB",
    shadow="#1A1E2633",
)

DARK: Final = Palette(
    name="dark",
    window="#14161A",
    rail="#181B20",
    panel="#1C1F25",
    raised="#262A32",
    field="#15181D",
    hover="#282D35",
    pressed="#323843",
    hairline="#2C313A",
    border="#464D5A",
    text="#E8EBF0",
    secondary="#B0B8C5",
    faint="#9EA7B6",
    accent="#8FB2FF",
    accent_fill="#2F5FD0",
    accent_hover="#3D6DDE",
    accent_soft="#1F2D4D",
    on_accent="#FFFFFF",
    amber="#F0BC5E",
    amber_soft="#3A2E15",
    glow="#F5B938",
    good="#72CE95",
    good_soft="#183524",
    bad="#FF928A",
    bad_soft="#41201F",
    bad_fill="#C2372F",
    neutral_soft="#2C313A",
    selection="#273A63",
    shadow="#00000080",
)

_palette: Palette = LIGHT
_density: Density = "comfortable"


def palette() -> Palette:
    """The theme that is on now."""
    return _palette


def density() -> Density:
    """How close rows and controls stand."""
    return _density


def use(new: Palette, how_dense: Density) -> None:
    """Set the theme and density; only theme.apply calls this, it repaints afterwards."""
    global _palette, _density
    _palette, _density = new, how_dense


def control_height() -> int:
    """Height of inputs and buttons in px."""
    return 30 if _density == "comfortable" else 26


def row_height() -> int:
    """Height of a table row in px."""
    return 32 if _density == "comfortable" else 26


def color(name: str) -> QColor:
    """A token of the current palette as QColor: color("accent")."""
    return QColor(str(getattr(_palette, name)))


def tone_colors(tone: str) -> tuple[QColor, QColor]:
    """(words, background) of a chip or bar in TONE."""
    if tone in ("accent", "amber", "good", "bad"):
        return color(tone), color(f"{tone}_soft")
    return color("secondary"), color("neutral_soft")


def series_color(index: int) -> QColor:
    """The colour of the n-th series of a chart: distinguishable in lightness, too."""
    light = ("#2251C5", "#E08A00", "#1D8A5B", "#8B4FC0", "#C23B5E", "#5B6B7F")
    dark = ("#7FA6FF", "#F5B938", "#5CC991", "#C39BF0", "#F48AA5", "#A9B4C4")
    names = light if _palette.name == "light" else dark
    return QColor(names[index % len(names)])


# The ten anchors of matplotlib's viridis (CC0), interpolated linearly: even in perceived lightness.
_VIRIDIS: Final = (
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142),
    (31, 158, 137), (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
)  # fmt: skip


def viridis_rgb(t: float) -> tuple[int, int, int]:
    """Red, green, blue (0 … 255) at T in 0 … 1; beyond that the ends."""
    position = min(max(t, 0.0), 1.0) * (len(_VIRIDIS) - 1)
    low = min(int(position), len(_VIRIDIS) - 2)
    part = position - low
    a, b = _VIRIDIS[low], _VIRIDIS[low + 1]
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
    )


def viridis(t: float) -> QColor:
    """The heat map's colour at T in 0 … 1."""
    return QColor(*viridis_rgb(t))


def _luminance(value: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(value.redF()) + 0.7152 * linear(value.greenF()) + 0.0722 * linear(value.blueF())


def contrast(one: QColor | str, other: QColor | str) -> float:
    """Contrast ratio 1 … 21 of two colours (WCAG 2.2, relative luminance of sRGB)."""
    a, b = sorted((_luminance(QColor(one)), _luminance(QColor(other))), reverse=True)
    return (a + 0.05) / (b + 0.05)
