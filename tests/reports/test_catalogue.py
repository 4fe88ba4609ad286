"""The datasheet: what stands on it, in both languages, and that no price or cost does."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pypdfium2
import pytest

from presales_desktop.reports.catalogue import render_pdf
from presales_desktop.services import catalogue_images
from presales_desktop.services.catalogue_photometry import attach
from presales_desktop.services.catalogue_print import Datasheet, datasheet
from tests.services.catalogue_data import COST_FEN, FLOOR_FEN, Run, make, make_secret, price, variant
from tests.services.test_catalogue import said_about_cost
from tests.services.test_catalogue_images import picture
from tests.services.test_catalogue_photometry import file


@pytest.fixture
def document(run: Run) -> Datasheet:
    product_id, (first, second) = make(run)
    price(run, first, 1_500_000, dt.date(2026, 1, 1))
    make_secret(run, first)
    run("technical", attach, product_id, "筒灯.ies", file())
    run("technical", attach, product_id, "上下.ldt", file(kind=("updown", 80.0), ldt=True), second)
    run("technical", catalogue_images.add_image, product_id, "a.png", picture(fmt="PNG"))
    return run("finance", datasheet, product_id)


def text_of(data: bytes) -> str:
    pdf = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


def test_facts_variants_and_light_stand_on_it(document: Datasheet) -> None:
    said = text_of(render_pdf(document, "zh"))
    for words in ("产品资料", "DL-8010", "星辰嵌入式筒灯", "DL-8010-30", "DL-8010-40", "900 lm", "3000 K", "IP44", "嵌入式",
                  "光束角（50%）", "36°", "筒灯.ies", "上下.ldt", "基础照明、防眩"):  # fmt: skip
        assert words in said, words


def test_the_english_edition_translates_choices_and_labels(document: Datasheet) -> None:
    said = text_of(render_pdf(document, "en"))
    for words in (
        "Product datasheet",
        "Recessed",
        "Downlight",
        "General lighting, Anti-glare",
        "Beam angle (50%)",
        "Efficacy",
    ):
        assert words in said, words


def test_neither_price_nor_cost_nor_floor_is_on_it_even_for_finance(document: Datasheet) -> None:
    assert said_about_cost(document) == []
    said = text_of(render_pdf(document, "zh")).replace(",", "")
    for fen in (COST_FEN, FLOOR_FEN, 1_500_000):
        assert f"{fen / 100:.2f}" not in said
        assert str(fen) not in said


def test_the_same_content_gives_the_same_bytes(document: Datasheet) -> None:
    assert render_pdf(document, "zh") == render_pdf(document, "zh")


def test_a_bare_product_and_a_crowded_one_both_fit(run: Run, document: Datasheet) -> None:
    product_id, _ = make(run, "B-1", "光", brand="", style="", mounting="", shape="", series="", functions=[], ip_rating="",
                         lead_days=None, warranty_years=None,
                         variants=[variant("B-1", power_w=None, flux_lm=None, cct_k=None, ra=None, beam_deg=None)])  # fmt: skip
    assert "B-1" in text_of(render_pdf(run("sales", datasheet, product_id), "zh"))
    many = replace(
        document.product, name="很长的名字" * 12, description="说明。" * 900, variants=document.product.variants * 60
    )
    pages = pypdfium2.PdfDocument(render_pdf(replace(document, product=many), "zh"))
    assert len(pages) >= 4
    pages.close()
