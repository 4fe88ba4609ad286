"""Cells of product lists as companies write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.catalogue import CATEGORIES
from presales_desktop.services import catalogue_cells as cells
from presales_desktop.services.catalogue_imports import products_target
from presales_desktop.services.cells import CellProblem


def _reader(name: str):
    return products_target().field(name).parse


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("power_w", "10W", Decimal(10)),
        ("power_w", " 7.5 w ", Decimal("7.50")),
        ("power_w", 12.0, Decimal(12)),
        ("power_w", "３６Ｗ", Decimal(36)),
        ("power_w", "10W±10%", Decimal(10)),
        ("power_w", "/", None),
        ("flux_lm", "900 lm", 900),
        ("flux_lm", "1,200lm", 1200),
        ("flux_lm", "≥850", 850),
        ("cct_k", "3000K", 3000),
        ("cct_k", 4000, 4000),
        ("cct_k", "暖白3000K", 3000),
        ("ra", "Ra≥90", 90),
        ("ra", "Ra>80", 80),
        ("ra", "90", 90),
        ("ra", "CRI 95", 95),
        ("beam_deg", "36°", Decimal(36)),
        ("beam_deg", "24度", Decimal(24)),
        ("beam_deg", "", None),
        ("ip_rating", "ip 65", "IP65"),
        ("ip_rating", 44, "IP44"),
        ("warranty_years", "3年", 3),
        ("lead_days", "7-10天", 10),
        ("lead_days", "现货", 0),
        ("lead_days", "2周", 14),
        ("lead_days", 15, 15),
        ("length_mm", "60cm", 600),
        ("length_mm", "1.2m", 1200),
        ("length_mm", "φ95", 95),
        ("cutout_mm", "75-80mm", 75),
        ("size", "600*600*32mm", {"length_mm": 600, "width_mm": 600, "height_mm": 32}),
        ("size", "φ95×H62", {"length_mm": 95, "width_mm": 95, "height_mm": 62}),
        ("size", "Φ88*28mm", {"length_mm": 88, "width_mm": 88, "height_mm": 28}),
        ("size", "L1200*W300", {"length_mm": 1200, "width_mm": 300}),
        ("size", "60*30cm", {"length_mm": 600, "width_mm": 300}),
        ("category", "筒灯", "downlight"),
        ("category", "LED嵌入式防眩筒灯", "downlight"),
        ("category", "导轨射灯", "spotlight"),
        ("category", "轨道射灯", "track"),
        ("category", "Downlight", "downlight"),
        ("mounting", "嵌入式安装", "recessed"),
        ("dimming", "DALI", "dali"),
        ("dimming", "0-10V", "0_10v"),
        ("dimming", "否", "none"),
        ("functions", "防眩、双色", ["antiglare", "tunable"]),
        ("spec", "10W 3000K 36° Ra90 φ95*H62mm IP44 哑白", {
            "power_w": Decimal(10), "cct_k": 3000, "beam_deg": Decimal(36), "ra": 90, "ip_rating": "IP44",
            "length_mm": 95, "width_mm": 95, "height_mm": 62}),
        ("spec", "3000K/4000K 12W", {"power_w": Decimal(12)}),
    ],
)  # fmt: skip
def test_cells_as_companies_write_them(name: str, cell: object, value: object) -> None:
    assert _reader(name)(cell) == value


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("power_w", "约十瓦", "catalogue.unreadable_number"),
        ("power_w", "10/15W", "catalogue.several_values"),
        ("cct_k", "3000K/4000K/6000K", "catalogue.several_values"),
        ("flux_lm", "900.5", "catalogue.unreadable_number"),
        ("ra", "R9>50", "catalogue.unreadable_number"),
        ("size", "见附图", "catalogue.unreadable_size"),
        ("size", "1*2*3*4", "catalogue.unreadable_size"),
        ("length_mm", "0", "catalogue.unreadable_number"),
        ("ip_rating", "IP4", "catalogue.unreadable_number"),
        ("lead_days", "尽快", "catalogue.unreadable_number"),
        ("category", "家具", "field.choice"),
        ("functions", "防眩、会飞", "field.choice"),
    ],
)
def test_cells_that_cannot_mean_what_the_column_is_for(name: str, cell: object, code: str) -> None:
    with pytest.raises(CellProblem) as problem:
        _reader(name)(cell)
    assert problem.value.code == code


_ANYTHING = st.one_of(
    st.text(max_size=40),
    st.text("0123456789.,*×xφHhKkWw°-/~ RaIP±%lm年天", max_size=20),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.none(),
    st.just(dt.timedelta(hours=3)),
)


@given(_ANYTHING)
def test_no_cell_breaks_a_reader(cell: object) -> None:
    for field in products_target().fields:
        try:
            found = field.parse(cell)
        except CellProblem:
            continue
        if field.name == "category":
            assert found is None or found in CATEGORIES
        if field.name.endswith("_mm") and found is not None:
            assert 0 <= found < 10**7
        field.show(found)


@given(st.integers(1, 20_000), st.integers(0, 99), st.sampled_from(["W", " w", "瓦", "Ｗ"]))
def test_power_keeps_every_digit(whole: int, cents: int, unit: str) -> None:
    written = Decimal(whole * 100 + cents).scaleb(-2)
    assert cells.measure(("w", "瓦"), "10W", places=2)(f"{written}{unit}") == written
