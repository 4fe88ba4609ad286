"""Real files of other makers, where they are at hand; nothing of them is in this project."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from presales_desktop.lighting import ugr, utilisation
from presales_desktop.lighting.read import read, read_file
from presales_desktop.lighting.write import write_ies, write_ldt

pytestmark = pytest.mark.shared
LUMENS = {"cu-1.ies": 9217.18, "cu-2.ies": 5834.20, "cu-3.ies": 13359.57, "cu-4.ies": 5821.76}


@pytest.fixture(scope="session")
def photometry(shared_data: Path) -> Path:
    return shared_data / "photometry"


def test_all_files_are_read_and_keep_their_flux(photometry: Path) -> None:
    files = [path for path in photometry.iterdir() if path.suffix.lower() in {".ies", ".ldt"}]
    assert len(files) >= 14
    for path in files:
        p = read_file(path)
        assert p.lumens > 0
        again = read(write_ies(read(write_ldt(p), "a")), "b")
        assert again.lumens == pytest.approx(p.lumens, rel=1e-6)
        assert np.allclose(again.lut(), p.lut(), rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize(("name", "lumens"), LUMENS.items())
def test_lumens(photometry: Path, name: str, lumens: float) -> None:
    assert read_file(photometry / name).lumens == pytest.approx(lumens, rel=2e-3)


def test_headers(photometry: Path) -> None:
    assert read_file(photometry / "飞碟灯-75W.ies").luminaire == "飞碟灯-75W"
    feet, metres = (
        read_file(photometry / f"ies95_{n}.ies") for n in ("imperial_units", "absolute_photometry_with_multiplier")
    )
    assert feet.opening.length_m == pytest.approx(0.34 * 0.3048)
    assert metres.lumens == pytest.approx(1.5 * feet.lumens)
    assert "photometry.lamp_sets" in [w.code for w in read_file(photometry / "ldt_multiple_lamp_sets.ldt").warnings]
    assert read_file(photometry / "ldt_symmetry_to_c90c270.ldt").symmetry == "bilateral_90_270"


@pytest.mark.parametrize("number", ["1", "2", "3", "4"])
def test_utilisation_within_rounding(photometry: Path, number: str) -> None:
    known = json.loads((photometry / "cu_tables.json").read_text(encoding="utf-8"))
    assert [[round(100 * c), round(100 * w)] for c, w in utilisation.REFLECTANCES] == known["cols_RC_RW"]
    ours = np.array(utilisation.table(read_file(photometry / f"cu-{number}.ies"))) * 100
    assert np.abs(ours - np.array(known["CU_x100"][number])).max() <= 0.51


@pytest.mark.parametrize("number", ["01", "02", "03"])
@pytest.mark.parametrize(("program", "tolerance"), [("Relux", 0.5), ("Dialux", 1.0)])
def test_ugr(photometry: Path, number: str, program: str, tolerance: float) -> None:
    with (photometry / f"ugr_table_{number}_{program}.csv").open(encoding="utf-8") as stream:
        known = np.array([[float(v) for v in row] for row in csv.reader(stream) if row])
    corrected, uncorrected = ugr.tables(read_file(photometry / f"sample_{number}.ldt"))
    assert np.abs(corrected - known).max() <= tolerance
    assert np.ptp(corrected - uncorrected) == pytest.approx(0, abs=1e-9)
