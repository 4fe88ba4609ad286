"""Photometric files of products: attached, matched by model, refused with their place; whatever is handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presales_desktop.lighting.photometry import Opening
from presales_desktop.models.errors import InputError, PermissionDenied, UserError
from presales_desktop.services import catalogue, timeline
from presales_desktop.services.catalogue_photometry import (
    attach,
    detach,
    figures_of,
    import_photometry,
    parse,
    rows_of,
)
from presales_desktop.services.demo import catalogue_light as light
from presales_desktop.texts.lookup import error_text
from tests.lighting import test_gldf
from tests.services.catalogue_data import Run, make, variant


def file(
    model: str = "DL-8010", lumens: float = 900.0, *, ldt: bool = False, kind: tuple[str, float] = ("downlight", 36.0)
) -> bytes:
    made = light.photometry(kind, lumens, 10.0, Opening("circle", 0.1, 0.1), model=model, name="星辰筒灯", lamp="LED")
    return light.file(made, ldt=ldt)


def test_a_file_of_the_product_serves_all_variants_scaled_to_their_flux(run: Run) -> None:
    product_id, (first, second) = make(run, variants=[variant("A-1"), variant("A-2", flux_lm=1800)])
    assert run("design", catalogue.photometry, first) is None
    run("technical", attach, product_id, "筒灯.ies", file())
    data = run("design", catalogue.photometries, [first, second])
    assert data[first].data == file()
    assert data[first].flux_factor == pytest.approx(1.0, rel=1e-3)
    assert data[second].flux_factor == pytest.approx(2.0, rel=1e-3)
    assert run("design", catalogue.facts, [first])[first].photometry_sha256 == data[first].sha256


def test_the_variant_s_own_file_wins_and_is_not_scaled(run: Run) -> None:
    product_id, (first, second) = make(run)
    run("technical", attach, product_id, "all.ies", file())
    run("technical", attach, product_id, "second.ldt", file(lumens=1000, ldt=True), second)
    assert run("design", catalogue.photometry, first).name == "all.ies"
    own = run("design", catalogue.photometry, second)
    assert (own.name, own.flux_factor) == ("second.ldt", 1.0)
    facts = run("design", catalogue.facts, [first, second])
    assert facts[second].photometry_sha256 == own.sha256 != facts[first].photometry_sha256


def test_figures_are_kept_with_curves_and_the_events_told(run: Run) -> None:
    product_id, _ = make(run)
    run("technical", attach, product_id, "筒灯.ldt", file(ldt=True))
    (row,) = run("sales", rows_of, product_id)
    assert row.format == "EULUMDAT"
    assert row.figures["lumens"] == pytest.approx(900, rel=1e-3)
    assert row.figures["beam_angle_deg"] == pytest.approx(36, abs=0.5)
    assert len(row.figures["curves"]["c0"]) == 91
    assert row.figures["curves"]["c0"][0] == pytest.approx(row.figures["max_candela"], rel=1e-3)
    run("technical", detach, row.id)
    assert run("sales", rows_of, product_id) == ()
    assert [e.action for e in run("sales", timeline.of, "product", product_id)][:2] == [
        "photometry_removed", "photometry_attached",
    ]  # fmt: skip


def test_another_file_replaces_and_the_same_is_refused(run: Run) -> None:
    product_id, _ = make(run)
    run("technical", attach, product_id, "a.ies", file())
    with pytest.raises(UserError) as error:
        run("technical", attach, product_id, "b.ies", file())
    assert error.value.code == "catalogue.photometry_there"
    run("technical", attach, product_id, "c.ies", file(lumens=950))
    assert [r.name for r in run("sales", rows_of, product_id)] == ["c.ies"]
    with pytest.raises(PermissionDenied):
        run("sales", attach, product_id, "d.ies", file(lumens=960))


def test_a_truncated_file_is_refused_with_file_and_line_and_leaves_nothing(run: Run) -> None:
    product_id, _ = make(run)
    with pytest.raises(InputError) as error:
        run("technical", attach, product_id, "坏.ies", file()[:-60])
    assert error.value.code.startswith("photometry.")
    assert error.value.file == "坏.ies"
    assert error.value.line is not None
    assert "坏.ies" in error_text(error.value)
    assert run("sales", rows_of, product_id) == ()


def test_a_batch_is_matched_by_model_in_name_catalog_number_or_luminaire(run: Run) -> None:
    first, _ = make(run)
    second, (black,) = make(run, "TR-2020", "追光轨道射灯", variants=[variant("TR-2020-B")])
    third, _ = make(run, "TR-2020-MAX", "追光大射灯", variants=[variant("TR-2020-MAX-W")])
    files = [
        ("dl 8010.ies", file("?")),
        ("lvk_v3 final.ldt", file("TR-2020-B", ldt=True)),
        ("DENGANG_TR-2020-MAX_3000K_24deg.ies", file("x", 1200)),
        ("copy of first.ies", file("?")),
        ("unknown.ies", file("ZZ-1", 777)),
        ("broken.ies", b"IESNA:LM-63-2002\r\nTILT=NONE\r\n1 2"),
        ("picture.png", b"\x89PNG\r\n"),
        ("empty.ies", b""),
    ]
    seen = run("technical", import_photometry, files, dry_run=True)
    assert [f.model_no for f in seen.matched] == ["DL-8010", "TR-2020", "TR-2020-MAX"]
    assert run("sales", rows_of, first) == ()
    done = run("technical", import_photometry, files)
    assert [(f.name, f.product_id) for f in done.matched] == [
        (files[0][0], first),
        (files[1][0], second),
        (files[2][0], third),
    ]
    assert [(f.name, f.code) for f in done.unmatched] == [
        ("copy of first.ies", "catalogue.photometry_same_batch"),
        ("unknown.ies", "catalogue.photometry_no_product"),
    ]
    assert [f.name for f in done.failed] == ["broken.ies", "picture.png", "empty.ies"]
    assert all(f.code for f in done.failed)
    assert run("sales", rows_of, second)[0].variant_id == black
    again = run("technical", import_photometry, files[:1])
    assert again.unmatched[0].code == "catalogue.photometry_there"


def test_a_container_s_photometry_goes_to_the_article_it_names(run: Run) -> None:
    product_id, _ = make(run, "DL-8010", variants=[variant("T-1-W")])
    found = run("technical", import_photometry, [("anything.gldf", test_gldf.container()), ("bad.gldf", b"PK\x03\x04")])
    assert [(f.name, f.product_id) for f in found.matched] == [("anything.gldf/a.ldt", product_id)]
    assert [(f.name, f.code) for f in found.failed] == [("bad.gldf", "gldf.not_a_zip")]
    assert run("sales", rows_of, product_id)[0].sku == "T-1-W"


def test_a_file_that_fits_two_products_is_left_to_a_person(run: Run) -> None:
    make(run, "DL-8010")
    make(run, "TR-2020", variants=[variant("TR-2020-B")])
    done = run("technical", import_photometry, [("DL-8010 und TR-2020.ies", file("both"))])
    assert [f.code for f in done.unmatched] == ["catalogue.photometry_ambiguous"]


def test_only_those_who_edit_products_import_photometry(run: Run) -> None:
    with pytest.raises(PermissionDenied):
        run("sales", import_photometry, [])


_GOOD = (file(), file(ldt=True), file(kind=("updown", 80.0)), file(kind=("upwall", 40.0), ldt=True))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_garbled_and_truncated_files_end_in_an_input_error_or_finite_figures(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(_GOOD)))
    content = content[: data.draw(st.integers(0, len(content)))]
    for _ in range(data.draw(st.integers(0, 6))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert _outcome(bytes(content))


@given(st.binary(max_size=3000))
def test_anything_at_all_ends_in_an_input_error_or_finite_figures(content: bytes) -> None:
    assert _outcome(content)


def _outcome(content: bytes) -> bool:
    try:
        found = figures_of(parse(content, "x.ies"))
    except InputError as error:
        return error.code.startswith("photometry.")
    _check_json(found)
    return True


def _check_json(value: Any) -> None:
    """Storable: no NaN, no infinity."""
    import json

    json.dumps(value, allow_nan=False)


@pytest.mark.shared
def test_every_real_file_attaches(run: Run, shared_data: Path) -> None:
    paths = sorted(p for p in (shared_data / "photometry").iterdir() if p.suffix.lower() in (".ies", ".ldt"))
    assert len(paths) > 10
    for number, path in enumerate(paths):
        product_id, (first, _) = make(run, f"REAL-{number}", path.stem)
        run("technical", attach, product_id, path.name, path.read_bytes())
        (row,) = run("sales", rows_of, product_id)
        assert row.figures["lumens"] > 0, path.name
        assert max(row.figures["curves"]["c0"]) > 0
        assert run("design", catalogue.photometry, first).data == path.read_bytes()
