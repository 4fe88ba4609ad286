"""The quotation on paper: what it says, its watermark, its breaks, its secrecy; and the frame it stands on."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from presales_desktop.models.errors import InputError, PermissionDenied
from presales_desktop.reports import frame, registry, typeset
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.services import quotes
from presales_desktop.services.quotes import QuoteLineDraft
from tests.services.quote_data import COSTS, SEND, World, approved, draft, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def printed(run: Run, who: str, quote_id: Any, name: str, lang: Any = "zh") -> bytes:
    report = registry.find("quote", name)
    return report.render(run(who, report.load, quote_id), lang)


def flat(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def test_the_quotation_says_what_the_rule_book_asks(run: Run, world: World) -> None:
    quote_id = approved(run, world, freight_fen=12_000)
    said = flat("".join(pages(printed(run, "sales", quote_id, "x.pdf"))))
    shown = run("sales", quotes.show, quote_id)
    for needed in (
        "BJ20261123-001-R1", "深圳前海星河湾酒店管理有限公司", "林晓峰", "王敏", "2026-12-23", "防眩筒灯", "DG-0-30", "¥128.00",
        "¥3,072.00", "付款方式", "交货期", "人民币壹万贰仟玖佰捌拾元整", "周芳", "赵磊", "大堂", "含驱动", shown.content_hash[:8],
        "第 1 页 共 1 页", "中山市灯港照明科技有限公司", "含 13% 增值税",
    ):  # fmt: skip
        assert needed.replace(" ", "") in said.replace(" ", ""), needed
    assert "未审核" not in said.replace(" ", "")


@pytest.mark.parametrize(
    ("steps", "mark"),
    [
        ((), "未审核"),
        ((("sales", "submit", {}),), "未审核"),
        ((("sales", "submit", {}), ("finance", "approve", {})), "未审核"),
        ((("sales", "submit", {}), ("finance", "return", {"comment": "x"})), "未审核"),
        ((("sales", "submit", {}), ("sales", "withdraw", {})), "已作废"),
    ],
)
def test_what_is_not_approved_carries_a_watermark_on_every_page(run: Run, world: World, steps: Any, mark: str) -> None:
    rows = [QuoteLineDraft(variant_id=world.variants[n % 3], quantity=Decimal(n + 1)) for n in range(60)]
    quote_id = make(run, world, lines=rows)
    for who, action, values in steps:
        run(who, quotes.do, quote_id, action, values)
    found = pages(printed(run, "sales", quote_id, "x.pdf"))
    assert len(found) > 2
    for page in found:
        assert mark in flat(page).replace(" ", "") or all(char in page for char in mark)
    book = openpyxl.load_workbook(io.BytesIO(printed(run, "sales", quote_id, "x.xlsx")))
    assert book.active["A1"].value == mark


def test_after_its_validity_the_paper_says_so(run: Run, world: World, clock: Any) -> None:
    quote_id = approved(run, world)
    clock.forward(days=60)
    assert "已" in pages(printed(run, "sales", quote_id, "x.pdf"))[0]
    report = registry.find("quote", "x.pdf")
    assert run("sales", report.load, quote_id).watermark == "expired"


def test_costs_stand_only_in_the_internal_edition(run: Run, world: World) -> None:
    quote_id = approved(run, world, internal_notes="底价八折")
    rows = [f"{c / 100:,.2f}" for c in COSTS]
    for name in ("x.pdf", "x.plain.pdf"):
        for who in ("sales", "finance"):
            said = flat("".join(pages(printed(run, who, quote_id, name))))
            assert not [c for c in rows if c in said]
            assert "毛利" not in said
            assert "底价八折" not in said
    cells = [str(c.value) for row in openpyxl.load_workbook(io.BytesIO(printed(run, "finance", quote_id, "x.xlsx"))).active for c in row]  # fmt: skip
    assert not [c for c in COSTS if str(Decimal(c).scaleb(-2)) in cells]
    for who in ("sales", "sales_head", "design"):
        for name in ("x.internal.pdf", "x.internal.xlsx"):
            with pytest.raises(PermissionDenied):
                printed(run, who, quote_id, name)
    inside = flat("".join(pages(printed(run, "finance", quote_id, "x.internal.pdf"))))
    assert all(c in inside for c in rows)
    assert "底价八折" in inside


def test_the_english_edition_is_english(run: Run, world: World) -> None:
    said = flat("".join(pages(printed(run, "sales", make(run, world), "x.pdf", "en"))))
    for needed in ("Quotation", "Unit price", "Page 1 of 1", "Total incl. tax", "Zhongshan DenGang Lighting"):
        assert needed in said
    assert "报价单" not in said


def test_the_workbook_holds_numbers_that_add_up(run: Run, world: World) -> None:
    made = draft(run, world, tax_included=False, discount_percent=Decimal("0.05"))
    made.lines[4].note = "=1+1"
    quote_id = run("sales", quotes.save, made)
    shown = run("sales", quotes.show, quote_id)
    sheet = openpyxl.load_workbook(io.BytesIO(printed(run, "sales", quote_id, "x.xlsx"))).active
    by_name = {row[8].value: row[9].value for row in sheet.iter_rows() if isinstance(row[8].value, str)}
    assert Decimal(str(by_name["价税合计"])) * 100 == shown.total_fen
    assert Decimal(str(by_name["不含税合计"])) * 100 == shown.net_fen
    amounts = [row[9].value for row in sheet.iter_rows() if isinstance(row[0].value, int)]
    assert sum(Decimal(str(a)) for a in amounts) * 100 == shown.lines_fen
    notes = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in notes] == ["s"]


def test_the_same_document_is_the_same_file(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    assert printed(run, "sales", quote_id, "x.pdf") == printed(run, "finance", quote_id, "x.pdf")
    assert printed(run, "sales", quote_id, "x.xlsx") == printed(run, "sales", quote_id, "x.xlsx")


def test_a_missing_glyph_is_refused_by_name(run: Run, world: World) -> None:
    quote_id = make(run, world, notes="配 🦄 吊灯")
    with pytest.raises(InputError) as error:
        printed(run, "sales", quote_id, "x.pdf")
    assert error.value.code == "report.glyph_missing"
    assert "1F984" in str(error.value.values["chars"])


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(InputError) as error:
        registry.find("quote", "x.odt")
    assert error.value.code == "report.format_unknown"


def test_a_line_longer_than_a_page_and_a_quote_without_lines_print(run: Run, world: World) -> None:
    long = [QuoteLineDraft(name="灯" * 200, spec="规格，" * 130, note="备注" * 200, unit_price_fen=10**12)]
    assert pages(printed(run, "sales", make(run, world, lines=long, notes="说明\n" * 900), "x.pdf"))
    assert pages(printed(run, "sales", make(run, world, lines=[]), "x.pdf"))


def test_sending_prints_what_the_report_prints(run: Run, world: World) -> None:
    from presales_desktop.reports import printer
    from presales_desktop.services import attachments, printing

    quote_id = approved(run, world)
    before = printed(run, "sales", quote_id, "x.pdf")
    printer.install()
    try:
        run("sales", quotes.do, quote_id, "send", SEND)
    finally:
        printing.set_printer(None)
    row = run("sales", attachments.list_of, "quote", quote_id, "sent")[0]
    assert run("sales", attachments.content, row.id) == before


# -- typesetting


WORDS = st.lists(
    st.sampled_from(
        [
            "灯",
            "光，",
            "（含税）",
            "¥12,800.00",
            "DALI",
            "3000K",
            "预付 30%",
            "。",
            "《标准》",
            " ",
            "A-B/C",
            "128,000.00元",
        ]
    ),
    max_size=40,
).map("".join)


@given(WORDS, st.floats(90, 300))
def test_no_line_begins_with_a_closing_mark_nor_breaks_an_amount(text: str, space: float) -> None:
    size, name = 8.0, typeset.REGULAR
    made = typeset.lines(text, name, size, round(space, 1))
    assert "".join(made).replace(" ", "") == text.replace(" ", "")
    for n, line in enumerate(made):
        assert typeset.width(line, name, size) <= space + 0.1
        if n and line:
            widest = max(typeset.width(t, name, size) for t in typeset.tokens(text))
            assert widest > space or line[0] not in "，。）》%"
    if max((typeset.width(t, name, size) for t in typeset.tokens(text)), default=0) <= space:
        assert sum(line.count("12,800.00") for line in made) == text.count("12,800.00")


def test_a_long_code_is_cut_after_its_hyphen() -> None:
    made = typeset.lines("DG-DL75-30K-24-BK-DALI2", typeset.REGULAR, 8, 60)
    assert len(made) > 1
    assert all(line.endswith("-") for line in made[:-1])


def test_marks_and_controls_are_cleaned_not_printed() -> None:
    assert typeset.clean("a\tb\u200bc\ufe0fd\x07\r\ne\u00a0f") == "a bcd\ne f"


def test_amounts_shrink_rather_than_break() -> None:
    assert typeset.fit("¥1,234,567,890.00", typeset.REGULAR, 9, 40) < 9
    assert typeset.fit("¥1.00", typeset.REGULAR, 9, 40) == 9


def test_the_header_stands_on_every_page_and_sections_are_never_last() -> None:
    columns = (Col("产品", weight=1), Col("金额", 80, align="right", nowrap=True))
    rows = []
    for n in range(120):
        rows.append(Row((f"区域{n}",), "section", 2))
        rows.append(Row((f"灯{n}", "¥1.00")))
    found = pages(frame.build(frame.Sheet("x"), [Grid(columns, rows)]))
    assert len(found) > 3
    for page in found:
        lines = [line for line in page.replace("\r", "").split("\n") if line.strip()]
        assert "产品" in lines[0]
        body = [line for line in lines if line.startswith(("区域", "灯"))]
        assert body[-1].startswith("灯")
        assert "页" in page


def test_a_damaged_picture_is_refused_and_a_good_one_is_set() -> None:
    with pytest.raises(InputError) as error:
        frame.Image.read(b"\x89PNG\r\n\x1a\nnothing", "x.png")
    assert error.value.code == "image.unreadable"
    out = io.BytesIO()
    Pillow.new("RGB", (40, 20), "red").save(out, "PNG")
    image = frame.Image.read(out.getvalue(), "ok.png")
    pdf = frame.build(frame.Sheet("x"), [frame.Picture(image, 100, 50), frame.Text("图")])
    assert len(pages(pdf)) == 1


def test_the_document_names_its_day(run: Run, world: World) -> None:
    report = registry.find("quote", "x.pdf")
    assert run("sales", report.load, make(run, world)).day == dt.date(2026, 11, 23)


def test_totals_never_stand_without_the_last_lines(run: Run, world: World) -> None:
    """Whatever the number of lines: the page with the total has lines on it, and no page has its head twice."""
    quote_id = make(run, world)
    made = run("sales", quotes.load, quote_id)
    for count in range(18, 34):
        made.lines = [QuoteLineDraft(name=f"筒灯甲{n}", model=f"M-{n:03d}", unit_price_fen=100) for n in range(count)]
        run("sales", quotes.save, made)
        made = run("sales", quotes.load, quote_id)
        found = pages(printed(run, "sales", quote_id, "x.plain.pdf"))
        with_total = next(page for page in found if "合计（含税）" in page)
        assert f"筒灯甲{count - 1}" in flat(with_total), count
        assert sum(flat(page).count("规格型号") for page in found) == sum("筒灯甲" in flat(page) for page in found), (
            count
        )
        assert sum(flat("".join(found)).count(f"M-{n:03d}") for n in range(count)) == count


def test_the_paper_shows_what_rides_taxes_by_rate_and_the_currency(run: Run, world: World) -> None:
    lines = [
        QuoteLineDraft(type="section", name="大堂", discount_percent=Decimal("0.1")),
        QuoteLineDraft(name="射灯", quantity=Decimal(4), unit_price_fen=10_000, customer_code="HT-9"),
        QuoteLineDraft(type="accessory", name="驱动", quantity=Decimal(2), unit_price_fen=1_000),
        QuoteLineDraft(type="kit", name="套装", unit_price_fen=50_000),
        QuoteLineDraft(type="component", name="壁灯", quantity=Decimal(3)),
        QuoteLineDraft(type="freight", name="海运", unit="项", unit_price_fen=20_000, tax_rate=Decimal("0.09")),
    ]
    quote_id = make(run, world, lines=lines)
    said = flat("".join(pages(printed(run, "sales", quote_id, "x.plain.pdf")))).replace(" ", "")
    for needed in (
        "1.1└驱动",
        "2.1└壁灯",
        "含",
        "HT-9",
        "（区域折扣10%",
        "税额（13%）",
        "税额（9%）",
        "区域折扣-¥98.00",
        "运费¥200.00",
    ):
        assert needed in said, needed
    run("sales", quotes.do, quote_id, "convert", {"currency": "USD", "rate": "7.1", "on": "2026-11-20"})
    said = flat("".join(pages(printed(run, "sales", quote_id, "x.plain.pdf", "en"))))
    for needed in ("US$14.08", "SAY US DOLLARS", "Qty", "incl.", "US dollar"):
        assert needed in said, needed
    assert "¥" not in said
    book = openpyxl.load_workbook(io.BytesIO(printed(run, "sales", quote_id, "x.xlsx", "en")))
    assert any("US$" in cell.number_format for line in book.active for cell in line)


def test_a_character_that_no_font_has_is_named(run: Run, world: World) -> None:
    with pytest.raises(InputError) as raised:
        printed(run, "sales", make(run, world, title="酒店 🏨 大堂"), "x.plain.pdf")
    assert "U+1F3E8" in str(raised.value.values["chars"])
    said = flat("".join(pages(printed(run, "sales", make(run, world, title="宴會廳燈飾調光"), "x.plain.pdf"))))
    assert "宴會廳燈飾調光" in said
