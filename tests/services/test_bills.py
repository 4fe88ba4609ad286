"""The client's own workbook: read whatever its head looks like, matched with reasons, priced, and given back as it was."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import bills as rules
from presales_desktop.models.bills import Offered, compare, is_equal_or_better, wanted
from presales_desktop.models.errors import InputError, UserError
from presales_desktop.services import bill_files, bill_match, bills, catalogue, quotes
from presales_desktop.services.catalogue_prices import PriceEntry, set_prices
from tests.services.bill_data import workbook
from tests.services.catalogue_data import draft as product
from tests.services.quote_data import DAY, World, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_merged_titles_and_a_head_of_two_rows(tmp_path: Path) -> None:
    for two in (True, False):
        bill = bills.read(workbook(two_heads=two), "清单.xlsx")
        (sheet,) = bill.sheets
        assert {n: bill_files.letters(c) for n, c in sheet.columns.items()} == {
            "code": "B", "name": "C", "model": "D", "spec": "E", "unit": "F", "quantity": "G", "price": "H", "amount": "I", "note": "J",
        }  # fmt: skip
        assert [(line.room, line.code, line.quantity) for line in bill.lines] == [
            ("大堂", "HT-01", 24), ("大堂", "HT-02", 12), ("客房", "HT-03", 3),
        ]  # fmt: skip


def test_english_bills_and_foreign_order() -> None:
    csv = b"Ref,Description,Qty,Unit,Rate,Amount\nA1,LED downlight 10W 900lm 3000K CRI90,40,pcs,,\n,Total,,,,\n"
    bill = bills.read(csv, "boq.csv")
    assert [(line.code, line.quantity) for line in bill.lines] == [("A1", 40)]
    assert set(bill.sheets[0].columns) == {"code", "name", "quantity", "unit", "price", "amount"}


@pytest.mark.parametrize("data", [b"", b"x", b"PK\x03\x04 broken", "随便写的一段话\n没有表格\n".encode()])
def test_what_is_no_bill_is_told(data: bytes) -> None:
    with pytest.raises(InputError):
        bills.read(data, "坏.xlsx")


@given(
    st.lists(
        st.lists(st.text(max_size=8) | st.sampled_from(["名称", "数量", "单价", "合计", "12", "3.5"]), max_size=8),
        max_size=12,
    )
)
def test_any_table_is_read_or_refused(rows: list[list[str]]) -> None:
    head = rules.find_head(rows)
    if head is None:
        return
    columns = rules.guess(head)
    assert len(set(columns.values())) == len(columns)
    for line in rules.lines_of("s", rows, head, columns, {}):
        assert head.last + 1 < line.row <= len(rows)
        assert line.name or line.model or line.spec


def test_what_a_line_asks_for() -> None:
    found = wanted("嵌入式筒灯", "XX-TD15", "功率15W，光通量≥1400lm，3000K，Ra≥90，IP44，开孔φ95，36°，DALI调光")
    assert found.figures() == {
        "category": "downlight", "power_w": 15.0, "flux_lm": 1400.0, "cct_k": 3000, "ra": 90, "beam_deg": 36.0, "ip": "44",
        "size_mm": 95, "dimming": "dali",
    }  # fmt: skip
    assert wanted("轨道射灯 20W").category == "track"
    assert wanted("光效 100lm/W").flux_lm is None
    assert wanted("").figures() == {}


def test_equal_or_better_has_evidence_for_everything_asked() -> None:
    asked = wanted("筒灯 15W 1400lm 3000K Ra90 IP44")
    better = Offered("downlight", 14.0, 1500.0, 3000, 95, 36.0, "54")
    evidence = compare(asked, better)
    assert {e.name: e.verdict for e in evidence} == {
        "category": "equal", "power_w": "better", "flux_lm": "better", "cct_k": "equal", "ra": "better", "ip": "better",
    }  # fmt: skip
    assert is_equal_or_better(evidence)
    for name, value in (
        ("flux_lm", 1300.0),
        ("cct_k", 4000),
        ("ra", 80),
        ("ip", "20"),
        ("category", "spotlight"),
        ("ra", None),
    ):
        other = Offered(**{**vars(better), name: value})
        assert not is_equal_or_better(compare(asked, other)), name
    assert not is_equal_or_better(compare(wanted("筒灯"), better))


def test_a_bill_becomes_a_quote_and_goes_back_with_prices(run: Run, world: World, tmp_path: Path) -> None:
    variant = catalogue.VariantDraft(sku="DG-T15-30", power_w=Decimal(14), flux_lm=1500, cct_k=3000, ra=95)
    made = product("DG-T15", "深藏防眩筒灯", category="downlight", ip_rating="IP54", variants=[variant])
    other = run("technical", catalogue.load, run("technical", catalogue.save, made)).variants[0].id
    run("finance", set_prices, [PriceEntry(other, 19_999, DAY)])
    path = tmp_path / "星河湾清单.xlsx"
    path.write_bytes(workbook())
    quote_id = run("sales", quotes.save, run("sales", quotes.new_draft, {"case_id": world.case}))
    counts = run("sales", quotes.do, quote_id, "bill", {"file": str(path)})
    assert counts == {"exact": 1, "equal": 1, "none": 1}
    draft = run("sales", quotes.load, quote_id)
    items = [line for line in draft.lines if line.type == "item"]
    assert [(x.model, x.quantity, x.attention, x.customer_code) for x in items] == [
        ("DG-0-30", 24, "", "HT-01"), ("DG-T15-30", 12, "substitute", "HT-02"), ("", 3, "unmatched", "HT-03"),
    ]  # fmt: skip
    assert "1500 lm（要求 1400 lm）" in items[1].note
    assert "IP54（要求 IP44）" in items[1].note
    assert [line.name for line in draft.lines if line.type == "section"] == ["大堂", "客房"]
    items[2].unit_price_fen = 880_000
    draft.discount_percent = Decimal("0.05")
    run("sales", quotes.save, draft)
    with pytest.raises(UserError) as raised:
        run("sales", bills.answer, quote_id)
    assert raised.value.code == "quote.not_approved"
    run("sales", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "approve", {})
    run("sales_head", quotes.do, quote_id, "approve", {})
    answered = run("sales", bills.answer, quote_id)
    assert (answered.written.prices, answered.written.formulas, answered.written.amounts) == (3, 1, 2)
    assert (answered.changed, answered.missing) == (0, 0)
    totals = run("sales", quotes.show, quote_id)
    after = openpyxl.load_workbook(io.BytesIO(answered.written.data))["照明清单"]
    prices = [Decimal(str(after[f"H{row}"].value)) for row in (7, 8, 10)]
    said = sum(int(p * 100) * q for p, q in zip(prices, (24, 12, 3), strict=True))
    assert said - answered.rounding_fen == totals.total_fen
    assert prices[0] == Decimal("121.60")
    assert (after["I7"].value, after["I8"].value, after["I11"].value) == ("=G7*H7", "=G8*H8", "=SUM(I6:I10)")
    # learned: the same client's next bill needs no guessing
    learned = run("sales", bills.learned, world.customer)
    assert bills.read(path, learned=learned).learned


def test_everything_else_in_the_file_stays_as_it_was() -> None:
    data = workbook()
    written = bill_files.write(data, [bill_files.CellPrice("照明清单", 7, 7, 8, 6, 12_345, 296_280)])
    before, after = (zipfile.ZipFile(io.BytesIO(each)) for each in (data, written.data))
    with before, after:
        assert before.namelist() == after.namelist()
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
        assert set(changed) <= {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml"}
        assert any(name.startswith("xl/media/") for name in after.namelist())
    was, now = (openpyxl.load_workbook(io.BytesIO(each)) for each in (data, written.data))
    for row in was["照明清单"].iter_rows():
        for cell in row:
            same = now["照明清单"][cell.coordinate]
            assert same.value == cell.value or cell.coordinate == "H7"
            assert (same.number_format, same.fill.fgColor.rgb, same.font.b) == (
                cell.number_format,
                cell.fill.fgColor.rgb,
                cell.font.b,
            )
    assert now["照明清单"].merged_cells.ranges == was["照明清单"].merged_cells.ranges
    assert now["照明清单"]["H7"].value == 123.45
    assert now.calculation.fullCalcOnLoad


def test_what_cannot_be_written_back_is_told() -> None:
    for data, code in ((b"\xd0\xcf\x11\xe0", "bill.not_xlsx"), (b"PK\x03\x04", "import.damaged")):
        with pytest.raises(InputError) as raised:
            bill_files.write(data, [])
        assert raised.value.code == code
    with pytest.raises(InputError) as raised:
        bill_files.write(workbook(), [bill_files.CellPrice("没有", 7, 7, None, None, 1, 1)])
    assert raised.value.code == "bill.sheet_gone"


def test_columns_can_be_said() -> None:
    assert bills.columns_of("price=H，quantity = g") == {"price": 7, "quantity": 6}
    for wrong in ("price", "price=7", "cost=A"):
        with pytest.raises(InputError):
            bills.columns_of(wrong)


def test_matching_prefers_the_nearest_that_meets_everything(run: Run) -> None:
    for n, (flux, ra) in enumerate(((1450, 90), (4000, 90), (1450, 80))):
        variant = catalogue.VariantDraft(sku=f"A-{n}", power_w=Decimal(15), flux_lm=flux, cct_k=3000, ra=ra)
        run("technical", catalogue.save, product(f"A{n}", "筒灯", category="downlight", variants=[variant]))
    line = rules.BillLine("s", 1, "", "", "筒灯", "", "1400lm 3000K Ra90", "套", Decimal(1), "")
    (found,) = run("sales", bill_match.match, [line])
    assert [c.sku for c in found.candidates] == ["A-0", "A-1", "A-2"]
    assert [c.met for c in found.candidates] == [True, True, False]
    assert found.kind == bill_match.EQUAL
    assert dt.date(2026, 11, 24) >= DAY
