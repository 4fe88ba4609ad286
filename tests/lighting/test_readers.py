"""What makers write in photometric files, and what the readers make of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.lamps import kelvin_in, ra_in
from presales_desktop.lighting.read import read, read_file
from presales_desktop.lighting.write import write_ies, write_ldt
from tests.lighting import samples


def codes(data: bytes) -> set[str]:
    return {w.code for w in read(data, "t").warnings}


@pytest.mark.parametrize(
    ("sizes", "year", "shape", "extents"),
    [
        ("-.12 0 .34", "1995", "cylinder", (0.12, 0.12, 0.34)),
        ("-.12 0 -.12", "1995", "sphere", (0.12, 0.12, 0.12)),
        ("0 .12 -.34", "1995", "horizontal_cylinder", (0.12, 0.34, 0.34)),
        (".12 0 -.34", "1995", "horizontal_cylinder", (0.34, 0.12, 0.34)),
        (".12 -.34 .56", "1995", "ellipse", (0.34, 0.12, 0.56)),
        ("-.12 .34 -.56", "1995", "ellipsoid", (0.34, 0.12, 0.56)),
        ("-.3 -.3 0", "2002", "circle", (0.3, 0.3, 0)),
        ("-.3 -.3 -.3", "2002", "sphere", (0.3, 0.3, 0.3)),
        ("-.1 1.2 -.1", "2002", "horizontal_cylinder", (1.2, 0.1, 0.1)),
        ("1.2 -.1 -.1", "2002", "horizontal_cylinder", (0.1, 1.2, 0.1)),
        ("-.3 0 -.3", "2002", "vertical_circle", (0, 0.3, 0.3)),
        ("0 0 .4", "2002", "box", (0, 0, 0.4)),
    ],
)
def test_openings_by_edition(sizes: str, year: str, shape: str, extents: tuple[float, float, float]) -> None:
    p = read(samples.ies(header=f"IESNA:LM-63-{year}", line_1=f"1 -1 1 3 1 1 2 {sizes}"), "t")
    o = p.opening
    assert o.shape == shape
    assert (o.length_m, o.width_m, o.height_m) == pytest.approx(extents)
    if year == "2002":
        assert read(write_ies(p), "u").opening == o


def test_tilt_factors_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "a.ies").write_bytes(samples.ies(tilt="TILT=C:\\photometry\\lamp.tlt"))
    missing = read_file(tmp_path / "a.ies")
    assert [w.code for w in missing.warnings] == ["photometry.tilt_file"]
    (tmp_path / "lamp.tlt").write_text("1\n3\n0 45 90\n1 .9 .8\n")
    found = read_file(tmp_path / "a.ies")
    assert found.warnings == ()
    assert found.tilt_factor(45) == pytest.approx(0.9)
    (tmp_path / "lamp.tlt").write_text("1\n3\n0 45\n1 .9 .8\n")
    with pytest.raises(LightingError) as caught:
        read_file(tmp_path / "a.ies")
    assert (caught.value.file, caught.value.code) == ("lamp.tlt", "photometry.angles_not_ascending")


def test_wrong_counts_are_refused_with_what_stands_there() -> None:
    candela = "\n".join("9 8 7" for _ in range(5))
    right = samples.ies(line_1="1 -1 1 3 5 1 2 0 0 0", angles="0 45 90\n0 20 45 70 90", candela=candela)
    assert read(right, "t").symmetry == "quadrant"
    few = samples.ies(line_1="1 -1 1 3 3 1 2 0 0 0", angles="0 45 90\n0 20 45 70 90", candela=candela)
    with pytest.raises(LightingError) as caught:
        read(few, "t")
    assert (caught.value.code, caught.value.line) == ("photometry.count_mismatch", 9)
    assert (caught.value.values["expected"], caught.value.values["found"]) == (3, 5)
    few = samples.ies(line_1="1 -1 1 2 1 1 2 0 0 0", angles="0 45 90\n0", candela="9 8 7")
    with pytest.raises(LightingError) as caught:
        read(few, "t")
    assert (caught.value.code, caught.value.field) == ("photometry.count_mismatch", "vertical_angles")
    many = samples.ies(line_1="1 -1 1 3 7 1 2 0 0 0", angles="0 45 90\n0 20 45 70 90", candela=candela)
    with pytest.raises(LightingError):
        read(many, "t")
    assert codes(samples.ies(candela="500 300 0\nEND OF FILE")) == {"photometry.surplus"}


@pytest.mark.parametrize("ends", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "gb18030", "cp1252"])
def test_line_ends_and_code_pages(ends: str, code: str) -> None:
    name = "飞碟灯具" if code != "cp1252" else "Réglette 4°"
    text = samples.ies(keywords=f"[LUMINAIRE] {name}\n[MORE] 75 W").decode().replace("\n", ends)
    p = read(text.encode(code), "t")
    assert p.luminaire == f"{name}\n75 W"
    assert p.candela.tolist() == [[500.0, 300.0, 0.0]]


def test_commas_tabs_and_wide_blanks_separate() -> None:
    data = samples.ies(line_1="1,2000,1,\t3,1 1 2,0,0,0", angles="0, 45,\u300090\n0", candela="500,300\u00a0 0")
    assert read(data, "t").candela.tolist() == [[500.0, 300.0, 0.0]]


def test_doubts_of_single_lines() -> None:
    assert codes(samples.ies(tilt="TILT=")) == {"photometry.tilt_blank"}
    assert codes(samples.ies(angles="0 45 90\n30")) == {"photometry.single_plane"}


def test_type_b_and_a_hold_their_flux() -> None:
    """I = I0 cos H cos V is a Lambertian face: pi I0 lm, all in front of it; in type A the same light has the same formula."""
    steps = np.arange(-90.0, 91.0, 2.0)
    lobe = 1000 * np.outer(np.cos(np.radians(steps)), np.cos(np.radians(steps)))
    rows = "\n".join(" ".join(f"{v:.4f}" for v in row) for row in lobe)
    angles = " ".join(f"{v:g}" for v in steps)
    for number, kind in ((2, "B"), (3, "A")):
        line = f"1 -1 1 {len(steps)} {len(steps)} {number} 2 .5 .5 0"
        p = read(samples.ies(line_1=line, angles=f"{angles}\n{angles}", candela=rows), "t")
        assert p.type == kind
        assert p.lumens == pytest.approx(1000 * math.pi, rel=2e-3)
        assert p.lumens_down == pytest.approx(p.lumens, rel=1e-6)
        c = read(write_ies(p), "t")
        assert c.type == "C"
        assert c.lumens == pytest.approx(p.lumens, rel=1e-6)


def test_type_b_turns_about_the_level_axis() -> None:
    """A fan of light up and down, narrow to the sides: type B keeps H as the angle off the upright plane."""
    v, h = np.arange(-90.0, 91.0, 5.0), np.arange(-90.0, 91.0, 5.0)
    table = np.where(np.abs(h)[:, None] <= 10, 100.0, 0.0) + 0.0 * v[None, :]
    rows = "\n".join(" ".join(f"{value:g}" for value in row) for row in table)
    angles = " ".join(f"{value:g}" for value in v)
    made = [
        read(
            samples.ies(
                line_1=f"1 -1 1 {len(v)} {len(h)} {number} 2 0 0 0", angles=f"{angles}\n{angles}", candela=rows
            ),
            "t",
        )
        for number in (2, 3)
    ]
    b, a = (p.lut() for p in made)
    # 60 degrees up (C0) of the beam's axis both see the fan; 8 degrees off it there only type B does.
    assert b[0, 60] == a[0, 60] == 100
    aside = round(
        math.degrees(math.atan2(math.sin(math.radians(8)), math.cos(math.radians(8)) * math.sin(math.radians(60))))
    )
    assert b[360 - aside, 60] > 50 > a[360 - aside, 60]


def test_lamp_sets_of_eulumdat() -> None:
    lamps = (("1", "LED 830", "1000", "3000 K", "80", "9.5"), ("2", "LED 940", "1500", "4000", "1A", "14"))
    p = read(samples.ldt(lamps=lamps), "t")
    assert [(s.flux_lm, s.watts, s.cct_k, s.ra) for s in p.lamp_sets] == [(1000, 9.5, 3000, 80), (1500, 14, 4000, 90)]
    assert (p.rated_lumens, p.cct_k, p.ra) == (1000, 3000, 80)
    second = read(samples.ldt(lamps=lamps), "t", lamp_set=1)
    assert (second.rated_lumens, second.watts, second.cct_k) == (1500, 14, 4000)
    assert second.candela[0, 0] == pytest.approx(1.5 * p.candela[0, 0])


@pytest.mark.parametrize(
    ("text", "kelvin", "ra"),
    [
        ("3000K", 3000, None), ("LED 840 3500 lm", 4000, 80), ("tw 2700 K - 6500 K", 2700, 65), ("1B", None, 80),
        ("9600 lm, 68 W", None, 68), ("", None, None), ("Ra >= 90", None, 90), ("warm white", None, None),
    ],
)  # fmt: skip
def test_colour_in_words(text: str, kelvin: int | None, ra: int | None) -> None:
    assert kelvin_in(text) == kelvin
    if ra is None or "B" in text or ">" in text or "840" in text:
        assert ra_in(text) == ra


SETS = {
    "axial": [0.0],
    "quadrant": [0.0, 22.5, 45.0, 90.0],
    "bilateral_0_180": [0.0, 30.0, 90.0, 135.0, 180.0],
    "bilateral_90_270": [90.0, 120.0, 180.0, 210.0, 270.0],
    "none": [0.0, 45.0, 90.0, 180.0, 270.0, 360.0],
}


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_every_candela_survives_eulumdat(data: st.DataObject) -> None:
    """IES -> LDT -> IES keeps each intensity to its last digit, whatever flux stands between."""
    symmetry = data.draw(st.sampled_from(sorted(SETS)))
    planes = SETS[symmetry]
    gamma = data.draw(st.sampled_from([[0.0, 45.0, 90.0], [0.0, 7.5, 90.0, 135.0, 180.0], [90.0, 120.0, 180.0]]))
    value = st.decimals(0, 200_000, places=data.draw(st.integers(0, 4)), allow_nan=False)
    table = [[data.draw(value) for _ in gamma] for _ in planes]
    if symmetry == "none":
        table[-1] = table[0]
    for k, row in enumerate(table):
        # At nadir and zenith all planes are one direction, but files need not agree there.
        assert len(row) == len(gamma), k
    lumens = data.draw(st.sampled_from(["-1", "1", "999.99", "123456.7", "0.333333333"]))
    line = f"1 {lumens} 1 {len(gamma)} {len(planes)} 1 2 0.6 0.6 0"
    angles = " ".join(map(str, gamma)) + "\n" + " ".join(map(str, planes))
    first = read(samples.ies(line_1=line, angles=angles, candela="\n".join(" ".join(map(str, r)) for r in table)), "a")
    if first.lumens <= 0:
        return
    second = read(write_ies(read(write_ldt(first), "b")), "c")
    assert second.symmetry == first.symmetry
    kept = first.candela[:-1] if symmetry == "none" else first.candela
    again = second.candela[: len(kept)]
    assert again.tolist() == [[float(f"{v:.9g}") for v in row] for row in kept.tolist()]
    assert second.absolute == first.absolute
    assert second.watts == first.watts
