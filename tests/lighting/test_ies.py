from __future__ import annotations

import numpy as np
import pytest

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.read import read
from presales_desktop.lighting.write import write_ies
from tests.lighting import samples


def refused(data: bytes) -> LightingError:
    with pytest.raises(LightingError) as caught:
        read(data, "t.ies")
    assert caught.value.file == "t.ies"
    return caught.value


def test_simple() -> None:
    p = read(samples.ies(), "t.ies")
    assert (p.format, p.type, p.symmetry, p.watts, p.rated_lumens) == ("LM-63-2002", "C", "axial", 9.5, 2000.0)
    assert (p.manufacturer, p.catalog_number, p.luminaire) == ("Test works", "T-1", "Downlight")
    assert p.candela.tolist() == [[500.0, 300.0, 0.0]]
    assert p.warnings == ()
    assert p.lut().shape == (361, 181)
    assert p.lut()[17, 45] == 300.0


@pytest.mark.parametrize(
    ("header", "year"),
    [("IESNA:LM-63-1995", "1995"), ("IESNA91", "1991"), ("IES:LM-63-2019", "2019"), ("An old file", "1986")],
)
def test_years(header: str, year: str) -> None:
    assert read(samples.ies(header=header), "t.ies").format == f"LM-63-{year}"


def test_factors_by_year() -> None:
    line = "0.9 1.1 9.5"
    for header, factor in (("IESNA91", 0.99), ("IESNA:LM-63-2002", 0.9), ("IES:LM-63-2019", 0.9)):
        p = read(samples.ies(header=header, line_1="1 9000 2 3 1 1 2 0 0 0", line_2=line), "t.ies")
        assert p.candela[0, 0] == pytest.approx(500 * 2 * factor)
    assert [w.code for w in read(samples.ies(line_2=line), "t").warnings] == ["photometry.reserved_factor"]


def test_absolute_and_feet() -> None:
    p = read(samples.ies(line_1="1 -1 1 3 1 1 1 1 2 0"), "t.ies")
    assert p.absolute
    assert p.rated_lumens is None
    assert p.figures()["lor"] is None
    assert p.opening.length_m == pytest.approx(0.6096)
    metres = read(samples.ies(line_1="1 -1 1 3 1 1 2 .3048 .6096 0"), "t.ies")
    assert metres.opening.width_m == pytest.approx(p.opening.width_m)


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ("0 0 0", "point"), ("0.1 0.2 0", "rectangle"), ("0.1 0.2 0.05", "box"), ("-0.1 -0.1 0", "circle"),
        ("-0.1 0 0", "circle"), ("-0.1 -0.2 0", "ellipse"), ("-0.1 -0.1 0.2", "cylinder"), ("-0.1 -0.1 -0.1", "sphere"),
    ],
)  # fmt: skip
def test_openings(sizes: str, shape: str) -> None:
    opening = read(samples.ies(line_1=f"1 -1 1 3 1 1 2 {sizes}"), "t.ies").opening
    assert opening.shape == shape
    assert min(opening.length_m, opening.width_m, opening.height_m) >= 0
    again = read(write_ies(read(samples.ies(line_1=f"1 -1 1 3 1 1 2 {sizes}"), "t.ies")), "u.ies").opening
    assert again == opening


def planes(angles: list[float], kind: int = 1, gammas: str = "0 45 90") -> bytes:
    rows = "\n".join(f"{100 + k} {50 + k} 0" for k in range(len(angles)))
    return samples.ies(
        line_1=f"1 -1 1 3 {len(angles)} {kind} 2 0 0 0",
        angles=gammas + "\n" + " ".join(f"{a:g}" for a in angles),
        candela=rows,
    )


@pytest.mark.parametrize(
    ("angles", "symmetry", "codes"),
    [
        ([0, 45, 90], "quadrant", []),
        ([0, 90, 180], "bilateral_0_180", []),
        ([90, 180, 270], "bilateral_90_270", []),
        ([0, 120, 240, 360], "none", ["photometry.seam"]),
        ([0, 120, 240], "none", []),
        ([0, 90, 100], "none", ["photometry.open_circle"]),
    ],
)
def test_symmetries(angles: list[float], symmetry: str, codes: list[str]) -> None:
    p = read(planes(angles), "t.ies")
    assert p.symmetry == symmetry
    assert [w.code for w in p.warnings] == codes
    lut = p.lut()
    assert np.allclose(lut[0], lut[360]) or "photometry.seam" in codes
    circle = np.arange(361)
    if symmetry in {"quadrant", "bilateral_0_180"}:
        assert np.allclose(lut, lut[360 - circle])
    if symmetry in {"quadrant", "bilateral_90_270"}:
        assert np.allclose(lut, lut[(180 - circle) % 360], rtol=1e-6)
    for k, angle in enumerate(angles):
        assert lut[int(angle), 0] == pytest.approx(100 + k)


@pytest.mark.parametrize("kind", [2, 3])
def test_types_a_and_b_look_along_the_nadir(kind: int) -> None:
    p = read(planes([-90, 0, 90], kind, gammas="-90 0 90"), "t.ies")
    assert p.type == ("B" if kind == 2 else "A")
    # H 0, V 0 is the middle value of the middle row.
    assert p.lut()[0, 0] == pytest.approx(51.0, abs=0.01)
    assert np.all(p.lut()[:, 95:] == 0)


def test_tilt_include() -> None:
    p = read(samples.ies(tilt="TILT=INCLUDE\n1\n3\n0 30 60\n1.0 0.9 0.8"), "t.ies")
    assert p.tilt_factor(0) == 1.0
    assert p.tilt_factor(-45) == pytest.approx(0.85)
    assert read(write_ies(p), "u.ies").tilt_factor(45) == pytest.approx(0.85)
    assert [w.code for w in read(samples.ies(tilt="TILT=lamp.tlt"), "t").warnings] == ["photometry.tilt_file"]


def test_more_lines_and_line_ends() -> None:
    data = samples.ies(keywords="[LUMINAIRE] one\n[MORE] two\n[MANUFAC] M")
    for made in (
        data,
        data.replace(b"\n", b"\r"),
        data.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + data,
        data + b"\x1a",
    ):
        p = read(made, "t.ies")
        assert p.luminaire == "one\ntwo"
        assert p.manufacturer == "M"


def test_code_pages() -> None:
    def header(raw: bytes) -> str:
        return read(samples.ies(keywords="[MANUFAC] X").replace(b"X", raw), "t.ies").manufacturer

    assert header("飞碟灯".encode("gbk")) == "飞碟灯"
    assert header("飞碟灯".encode()) == "飞碟灯"
    assert header(b"Beam 30\xb0 \xa0wide") == "Beam 30° \xa0wide"
    assert header(b"Leuchtengr\xf6\xdfe") == "Leuchtengröße"


def test_commas_separate() -> None:
    assert read(samples.ies(candela="500,300, 0"), "t.ies").candela.tolist() == [[500.0, 300.0, 0.0]]


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        ({"candela": "500 300"}, "photometry.truncated", 10),
        ({"candela": "500 3o0 0"}, "photometry.number_expected", 10),
        ({"candela": "500 nan 0"}, "photometry.number_expected", 10),
        ({"candela": "500 1e999 0"}, "photometry.number_expected", 10),
        ({"candela": "500 1_0 0"}, "photometry.number_expected", 10),
        ({"angles": "0 90 45\n0"}, "photometry.angles_not_ascending", 8),
        ({"angles": "0 90 190\n0"}, "photometry.angle_range", 8),
        ({"line_1": "1 1000 0 3 1 1 2 0 0 0"}, "photometry.not_positive", 6),
        ({"line_1": "1 1000 1 3 1 7 2 0 0 0"}, "photometry.out_of_range", 6),
        ({"line_1": "1 1000 1 3.5 1 1 2 0 0 0"}, "photometry.out_of_range", 6),
        ({"line_1": "1 1000 1 999999 999999 1 2 0 0 0"}, "photometry.too_many_values", 6),
        ({"tilt": ""}, "photometry.tilt_missing", None),
        ({"line_2": "0 1 9.5"}, "photometry.not_positive", 7),
    ],
)
def test_refusals_name_the_line(change: dict[str, str], code: str, line: int | None) -> None:
    error = refused(samples.ies(**change))
    assert error.code == code
    if line is not None:
        assert error.line == line


def test_doubts_are_told() -> None:
    assert {w.code for w in read(samples.ies(candela="500 300 0 7 8"), "t").warnings} == {"photometry.surplus"}
    assert {w.code for w in read(samples.ies(candela="500 -3 0"), "t").warnings} == {"photometry.negative_candela"}
    assert {w.code for w in read(samples.ies(angles="5 45 90\n0"), "t").warnings} == {"photometry.vertical_range"}
    assert {w.code for w in read(samples.ies(candela="0 0 0"), "t").warnings} == {"photometry.no_light"}
    assert {w.code for w in read(samples.ies(candela="5000 3000 0"), "t").warnings} == {"photometry.lor_above_one"}


def test_too_large_and_empty() -> None:
    assert refused(b"x" * 20_000_001).code == "photometry.too_large"
    assert refused(b" \r\n").code == "photometry.empty"
    assert refused(b"PK\x03\x04 something else entirely\nline").code == "photometry.unknown_format"
