from __future__ import annotations

import numpy as np
import pytest

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.read import read
from presales_desktop.lighting.write import write_ies, write_ldt
from tests.lighting import samples


def test_simple() -> None:
    p = read(samples.ldt(lamps=(("1", "LED", "2000", "3000", "80", "19"),)), "t.ldt")
    assert (p.format, p.symmetry, p.rated_lumens, p.watts) == ("EULUMDAT", "axial", 2000.0, 19.0)
    assert p.candela.tolist() == [[1000.0, 600.0, 0.0]]


def test_absolute_several_sets_and_commas() -> None:
    sets = (("-1", "LED", "500", "", "", "5"), ("2", "LED", "900", "", "", "9"))
    p = read(samples.ldt(lamps=sets, values=("500,5", "300", "0"), conversion="1,0"), "t.ldt")
    assert p.absolute
    assert p.rated_lumens is None
    assert p.candela[0, 0] == pytest.approx(250.25)
    assert [w.code for w in p.warnings] == ["photometry.lamp_sets"]


@pytest.mark.parametrize(("isym", "stored"), [(0, 8), (2, 5), (3, 5), (4, 3)])
def test_symmetries(isym: int, stored: int) -> None:
    c = tuple(range(0, 360, 45))
    values = [v for k in range(stored) for v in (100 + k, 50 + k, 0)]
    p = read(samples.ldt(isym=isym, planes=8, c=c, values=values), "t.ldt")
    lut = p.lut()
    first = 270 if isym == 3 else 0
    for k in range(stored):
        assert lut[(first + 45 * k) % 360, 0] == pytest.approx(100 + k, rel=1e-6)
    circle = np.arange(361)
    if isym in (2, 4):
        assert np.allclose(lut, lut[360 - circle])
    if isym in (3, 4):
        assert np.allclose(lut, lut[(180 - circle) % 360])


def test_opening_is_in_millimetres_along_c90() -> None:
    p = read(samples.ldt(sizes=("1500", "100", "80", "1480", "60", "0", "0", "0", "0")), "t.ldt")
    assert (p.opening.shape, p.opening.along_c90_m, p.opening.along_c0_m) == ("rectangle", 1.48, 0.06)
    assert read(samples.ldt(sizes=("0",) * 3 + ("200",) + ("0",) * 5), "t.ldt").opening.shape == "circle"


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        ({"isym": 7}, "photometry.out_of_range", 3),
        ({"isym": 4, "planes": 6}, "photometry.planes_not_divisible", 4),
        ({"values": (500, 300)}, "photometry.truncated", None),
        ({"values": (500, "x", 0)}, "photometry.number_expected", None),
        ({"gamma": (0, 45, 30)}, "photometry.angles_not_ascending", None),
        ({"lamps": (("1", "LED", "0", "", "", "5"),)}, "photometry.not_positive", 29),
    ],
)
def test_refusals(change: dict[str, object], code: str, line: int | None) -> None:
    with pytest.raises(LightingError) as caught:
        read(samples.ldt(**change), "t.ldt")
    assert caught.value.code == code
    if line:
        assert caught.value.line == line


@pytest.mark.parametrize("make", [samples.skewed, lambda: samples.isotropic(1000), lambda: samples.lambertian(300)])
def test_through_both_formats_the_flux_stays(make) -> None:
    p = make()
    through = read(write_ies(read(write_ldt(read(write_ies(p), "a")), "b")), "c")
    assert through.lumens == pytest.approx(p.lumens, rel=1e-6)
    assert np.allclose(through.lut(), p.lut(), rtol=1e-5, atol=1e-3)
    assert through.rated_lumens == p.rated_lumens
    assert through.symmetry == p.symmetry
