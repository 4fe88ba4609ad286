from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.lighting import direct
from presales_desktop.lighting.diagram import diagram, isolines, rings
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput
from tests.lighting import samples


def test_known_fluxes() -> None:
    assert samples.isotropic(1000).lumens == pytest.approx(1000, rel=1e-9)
    assert samples.lambertian(100).lumens == pytest.approx(100 * math.pi, rel=1e-4)


@given(st.floats(1.0, 60.0))
def test_cosine_power_flux(n: float) -> None:
    p = samples.axial(lambda g: max(math.cos(g), 0.0) ** n)
    assert p.lumens == pytest.approx(2 * math.pi / (n + 1), rel=2e-3)
    half = math.degrees(math.acos(0.5 ** (1 / n)))
    assert p.figures()["beam_angle_deg"] == pytest.approx(2 * half, abs=0.5)


def test_figures() -> None:
    figures = samples.isotropic(1000, watts=8).figures()
    assert figures["lumens_down"] == pytest.approx(500)
    assert figures["lumens_up"] == pytest.approx(500)
    assert figures["efficacy_lm_w"] == pytest.approx(125)
    assert figures["lor"] is None
    assert set(figures) == {
        "format", "type", "manufacturer", "catalog_number", "luminaire", "rated_lumens", "lumens", "lumens_down",
        "lumens_up", "watts", "efficacy_lm_w", "lor", "max_candela", "beam_angle_deg", "field_angle_deg", "symmetry",
        "absolute", "opening", "cct_k", "ra", "lamp_sets",
    }  # fmt: skip


def test_uplight_beam() -> None:
    p = samples.axial(lambda g: max(-math.cos(g), 0.0))
    assert p.figures()["beam_angle_deg"] == pytest.approx(120, abs=0.5)
    assert p.lumens_down == pytest.approx(0, abs=1e-3)


def test_zones_add_up() -> None:
    p = samples.skewed()
    assert p.zonal_lumens(range(0, 181, 10)).sum() == pytest.approx(p.lumens, rel=1e-12)
    assert p.lumens_below(0.0) == p.lumens_down
    assert p.lumens_below(180.0) == pytest.approx(p.lumens - p.lumens_down, rel=1e-2)


def test_diagram() -> None:
    made = diagram(samples.skewed())
    assert [curve.c_deg for curve in made.curves] == [0.0, 90.0]
    assert made.unit == "cd/klm"
    assert made.upward
    assert len(diagram(samples.isotropic(100)).curves) == 1
    assert rings(510) == (200.0, 400.0, 600.0)
    assert rings(0) == ()


def test_isolines() -> None:
    live = LiveRoom(samples.room(), Grid(0.75, 0.25, 0.5))
    live.add(LuminaireInput("a", samples.lambertian(1000), (3, 2, 2.7)))
    result = live.result()
    lines = isolines(result.x_m, result.y_m, result.values_lux, [result.average_lux, 1e9])
    assert len(lines[result.average_lux]) >= 1
    assert lines[1e9] == []


def test_a_changed_copy_has_its_own_tables() -> None:
    p = samples.isotropic(1000)
    assert p.lut() is p.lut()
    assert not p.lut().flags.writeable
    twice = replace(p, candela=p.candela * 2)
    assert twice.lumens == pytest.approx(2 * p.lumens)


def test_both_tables_agree() -> None:
    """The calculation's octahedral map and the one on whole degrees give the same intensities."""
    for p in (samples.skewed(), samples.lambertian(1000)):
        light = direct.source(direct.LuminaireInput("a", p, (0.0, 0.0, 0.0)))
        c, gamma = (a.ravel() for a in np.meshgrid(np.arange(0, 360, 7), np.arange(1, 180, 3)))
        cr, gr = np.radians(c), np.radians(gamma)
        x, y, z = (a.astype(np.float32) for a in (np.sin(gr) * np.cos(cr), np.sin(gr) * np.sin(cr), -np.cos(gr)))
        candela = direct.illuminance(light, x, y, z, (-x, -y, -z))
        table = p.lut()[c, gamma]
        # Along a plane of the file, where its straight pieces meet, the map rounds the edge off a little.
        assert np.allclose(candela, table, rtol=8e-3, atol=0.1)
        assert np.sqrt(np.mean((candela - table) ** 2)) < 1e-3 * table.mean()
