"""Figures of products as the pages of the catalogue write them."""

from __future__ import annotations

from typing import Any

from presales_desktop.models.values import plain
from presales_desktop.services.catalogue_lists import ProductRow
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.format import THIN

STATE_TONES = {"active": "good", "discontinued": "neutral"}


def span(low: Any, high: Any, unit: str) -> str:
    """ "10–30 W", or one figure when both are the same; "" for none."""
    if low is None:
        return ""
    first, last = (plain(v) if hasattr(v, "normalize") else f"{v:,}" for v in (low, high))
    return f"{first}{THIN}{unit}" if first == last else f"{first}–{last}{THIN}{unit}"


def power(row: ProductRow) -> str:
    """The powers of a product's variants."""
    return span(row.power_from, row.power_to, "W")


def flux(row: ProductRow) -> str:
    """Their fluxes."""
    return span(row.flux_from, row.flux_to, "lm")


def ccts(row: ProductRow) -> str:
    """Their colour temperatures: "3000/4000 K"."""
    return f"{'/'.join(map(str, row.ccts))}{THIN}K" if row.ccts else ""


def price(row: ProductRow) -> str:
    """The list price, or the lowest of several with 起; "" without one."""
    if row.list_from_fen is None:
        return ""
    shown = fmt.money(row.list_from_fen)
    return shown if row.list_from_fen == row.list_to_fen else tr("{price} 起", price=shown)


def light_figures(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, value) of a photometry's key figures that are known, translated."""
    lumens = float(figures.get("lumens") or 0)
    down, up = float(figures.get("lumens_down") or 0), float(figures.get("lumens_up") or 0)
    efficacy, lor, watts = (figures.get(name) for name in ("efficacy_lm_w", "lor", "watts"))
    pairs = [
        (tr("光通量"), fmt.number(lumens, "lm", 0)),
        (tr("功率"), fmt.number(round(float(watts), 2), "W") if watts else ""),
        (tr("光效"), fmt.number(float(efficacy), "lm/W", 1) if efficacy else ""),
        (tr("光束角（50%）"), _degrees(figures.get("beam_angle_deg"))),
        (tr("光场角（10%）"), _degrees(figures.get("field_angle_deg"))),
        (tr("最大光强"), fmt.number(float(figures.get("max_candela") or 0), "cd", 0)),
        (tr("下射 / 上射"), f"{100 * down / lumens:.0f}% / {100 * up / lumens:.0f}%" if lumens > 0 else ""),
        (tr("灯具效率"), f"{100 * float(lor):.0f}%" if lor else ""),
    ]
    return [(label, value) for label, value in pairs if value]


def _degrees(value: Any) -> str:
    return f"{float(value):.0f}°" if value else ""


def beam_of(figures: dict[str, Any]) -> float | None:
    """The beam angle to mark in a polar chart: only where the light is the same to both sides."""
    symmetric = figures.get("symmetry") in ("axial", "quadrant")
    return figures.get("beam_angle_deg") if symmetric else None


def polar_curves(figures: dict[str, Any]) -> list[tuple[str, list[float], list[float]]]:
    """The stored half planes as closed curves for a polar chart, in cd per 1000 lm of the file's flux."""
    curves = figures.get("curves") or {}
    lumens = float(figures.get("lumens") or 0)
    scale = 1000.0 / lumens if lumens > 0 else 1.0
    made = []
    for right, left, word in (("c0", "c180", "C0–C180"), ("c90", "c270", "C90–C270")):
        one, other = curves.get(right) or [], curves.get(left) or []
        if not one or not other:
            continue
        step = 180.0 / (len(one) - 1)
        angles = [-n * step for n in range(len(other) - 1, 0, -1)] + [n * step for n in range(len(one))]
        values = [cd * scale for cd in [*other[:0:-1], *one]]
        made.append((word, angles, values))
    same = len(made) == 2 and all(
        abs(a - b) <= 0.01 * max(made[0][2]) for a, b in zip(made[0][2], made[1][2], strict=True)
    )
    return made[:1] if same else made
