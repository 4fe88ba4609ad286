"""Utilisation and glare on photometries of our own."""

from __future__ import annotations

import numpy as np
import pytest

from presales_desktop.lighting import ugr, utilisation
from presales_desktop.lighting.photometry import Opening
from tests.lighting import samples


def test_room_cavity_ratio() -> None:
    assert utilisation.room_cavity_ratio(26 * 16, 84, 4) == pytest.approx(5 / 2.48, rel=5e-3)


def test_utilisation_bounds_and_order() -> None:
    p = samples.lambertian(1000)
    table = np.array(utilisation.table(p))
    assert np.all(np.diff(table, axis=0) <= 1e-9)
    # Without any room: all arrives, and bounces between floor and ceiling.
    assert table[0, 0] == pytest.approx(1 / (1 - 0.8 * 0.2), rel=1e-3)
    assert table[0, -1] == pytest.approx(1.0, rel=1e-3)
    assert utilisation.coefficient(samples.axial(lambda g: 0.0), 1, 0.7, 0.5) == 0.0


def test_uplight_needs_the_ceiling() -> None:
    up = samples.axial(lambda g: 100.0 if g > 2 else 0.0)
    assert utilisation.coefficient(up, 1, 0.0, 0.0) == pytest.approx(0, abs=1e-3)
    assert utilisation.coefficient(up, 1, 0.8, 0.5) > 0.3


def test_ugr_grows_with_flux_and_shrinks_with_area() -> None:
    small = samples.lambertian(1000, Opening("rectangle", 0.3, 0.3))
    bright = samples.lambertian(2000, Opening("rectangle", 0.3, 0.3))
    large = samples.lambertian(1000, Opening("rectangle", 0.6, 0.6))
    a, b, c = (ugr.tables(p)[0] for p in (small, bright, large))
    assert np.allclose(b - a, 8 * np.log10(2), atol=1e-6)
    assert np.allclose(c - a, -8 * np.log10(4), atol=1e-6)
    assert np.allclose(a[:, :5], a[:, 5:])


def test_ugr_uncorrected_is_per_1000_lm() -> None:
    p = samples.lambertian(1000, Opening("circle", 0.3, 0.3))
    corrected, uncorrected = ugr.tables(p)
    assert np.allclose(corrected - uncorrected, 8 * np.log10(p.lumens / 1000))


def test_position_index() -> None:
    assert ugr.position_index(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(1.0)
    assert np.all(np.diff(ugr.position_index(np.arange(0.0, 60.0), np.full(60, 30.0))) > 0)


def test_nothing_glares_without_area_or_light() -> None:
    assert np.isnan(ugr.tables(samples.lambertian(1000))[0]).all()
    assert np.isnan(ugr.tables(samples.axial(lambda g: 0.0))[0]).all()
