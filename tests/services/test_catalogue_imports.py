"""Product and price lists as companies keep them: preview, then all of it or nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from presales_desktop.models.errors import PermissionDenied, UserError
from presales_desktop.services import catalogue, imports
from presales_desktop.services.imports import Preview
from presales_desktop.services.spreadsheets import read_table
from presales_desktop.texts import set_language
from tests.services.catalogue_data import Run, make, make_secret, price

HEAD = ("序号", "型号", "品名", "规格", "功率", "光通量", "色温", "显指", "光束角", "出厂价", "单位", "备注")
ROWS = (
    (1, "DG-9010", "LED嵌入式筒灯", "φ95*H62mm IP44", "10W", "900 lm", "3000K", "Ra≥90", "60°", "¥1,280.00", "只", "主推"),
    (2, "DG-9010", "LED嵌入式筒灯", "φ95*H62mm IP44", "10W", "950 lm", "4000K", "Ra≥90", "60°", "¥1,280.00", "只", None),
    ("3", "DG-2030", "双头斗胆灯", "205*110*120mm", 30.0, 2700, 4000.0, 90, "24度", 168, "只", None),
)  # fmt: skip


def workbook(folder: Path, head: tuple, rows: tuple, title: str = "灯港照明 2026 年产品价目表") -> Path:
    """A list with a merged title row, a remark under it and a total at the end."""
    book = Workbook()
    page = book.active
    page.append([title])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(head))
    page.append(["（价格含税，有效期至年底）"])
    page.append(list(head))
    for row in rows:
        page.append(list(row))
    page.append(["合计", None, None])
    path = folder / "价目表.xlsx"
    book.save(path)
    return path


def seen(run: Run, who: str, key: str, path: Path) -> Preview:
    target = imports.target(key)
    return run(who, imports.preview, target, read_table(path, known=target.titles))


def words(preview: Preview) -> list[str]:
    return [imports.reasons(row, preview.target.kind) for row in preview.rejected]


def test_a_product_list_becomes_products_with_variants(run: Run, tmp_path: Path) -> None:
    preview = seen(run, "marketing", "products", workbook(tmp_path, HEAD, ROWS))
    assert words(preview) == []
    assert preview.counts == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 0, "ignored": 1}
    assert run("sales", catalogue.KIND.list_rows, catalogue_query()).total == 0
    result = run("marketing", imports.apply, preview)
    assert (result.created, result.updated) == (3, 0)
    told = run("sales", catalogue.facts, result.ids)
    assert [told[i].sku for i in result.ids] == [
        "DG-9010-10W-3000K-60D", "DG-9010-10W-4000K-60D", "DG-2030-30W-4000K-24D",
    ]  # fmt: skip
    first, last = told[result.ids[0]], told[result.ids[2]]
    assert first.spec == "10W 900lm 3000K Ra90 60° IP44"
    assert (first.category, first.unit, first.length_mm, first.height_mm) == ("downlight", "只", 95, 62)
    assert (last.category, last.power_w, last.length_mm, last.width_mm) == ("spotlight", Decimal(30), 205, 110)
    assert told[result.ids[0]].product_id == told[result.ids[1]].product_id


def catalogue_query():
    from presales_desktop.services.listing import ListQuery

    return ListQuery()


def test_the_same_list_again_changes_nothing_and_a_changed_one_only_what_changed(run: Run, tmp_path: Path) -> None:
    run("marketing", imports.apply, seen(run, "marketing", "products", workbook(tmp_path, HEAD, ROWS)))
    again = seen(run, "marketing", "products", workbook(tmp_path, HEAD, ROWS))
    assert again.counts["unchanged"] == 3
    with pytest.raises(UserError) as nothing:
        run("marketing", imports.apply, again)
    assert nothing.value.code == "import.nothing"
    brighter = ((*ROWS[0][:5], "980lm", *ROWS[0][6:]), ROWS[1], ROWS[2])
    changed = seen(run, "marketing", "products", workbook(tmp_path, HEAD, brighter))
    assert changed.counts["changed"] == 1
    assert changed.changed[0].changes == {"flux_lm": (900, 980)}
    run("marketing", imports.apply, changed)
    assert run("sales", catalogue.match_variant, "DG-9010-10W-3000K-60D").flux_lm == 980


def test_an_empty_cell_erases_nothing(run: Run, tmp_path: Path) -> None:
    product_id, _ = make(run)
    path = workbook(
        tmp_path, ("订货号", "型号", "品名", "系列", "色温"), (("DL-8010-30", "dl-8010", "新名筒灯", None, None),)
    )
    preview = seen(run, "technical", "products", path)
    assert preview.changed[0].changes == {"name": ("星辰嵌入式筒灯", "新名筒灯")}
    run("technical", imports.apply, preview)
    shown = run("sales", catalogue.show, product_id)
    assert (shown.name, shown.series, shown.model_no, shown.variants[0].cct_k) == ("新名筒灯", "星辰", "DL-8010", 3000)


def test_gb18030_text_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "产品.csv"
    lines = ["产品清单,,,,", "型号,产品名称,类别,功率,色温", "“镕”-1,镕金壁灯,壁灯,5W,2700K"]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    preview = seen(run, "marketing", "products", path)
    assert words(preview) == []
    run("marketing", imports.apply, preview)
    assert run("sales", catalogue.find_variants, "镕金")[0].category == "wall"


def test_rows_that_cannot_be_read_say_why_and_stop_the_import(run: Run, tmp_path: Path) -> None:
    bad = (
        ("DG-1", "筒灯", "10/15W", "3000K", "IP44"),
        ("DG-2", "筒灯", "10W", "3000K/4000K", "IP44"),
        ("DG-3", "台阶怪物", "10W", "3000K", "IP44"),
        ("DG-4", "筒灯", "999999W", "3000K", "IP44"),
        ("DG-5", "筒灯", "10W", "3000K", "IP44"),
        ("DG-5", "筒灯", "10W", "4000K", "IP65"),
        ("DG-6", "筒灯", "10W", "3000K", "IP44"),
        ("DG-6", "筒灯", "10W", "3000K", "IP44"),
    )
    preview = seen(run, "marketing", "products", workbook(tmp_path, ("型号", "品名", "功率", "色温", "防护等级"), bad))
    assert {row.line for row in preview.rejected} == {4, 5, 6, 7, 9, 11}
    said = words(preview)
    assert "一格里有多个功率" in said[0]
    assert "一格里有多个色温" in said[1]
    assert "类别不能为空" in said[2]
    assert "功率不能大于 20000" in said[3]
    assert "防护等级与第 8 行不一致（“IP65”与“IP44”）" in said[4]
    assert "与第 10 行重复" in said[5]
    with pytest.raises(UserError):
        run("marketing", imports.apply, preview)
    assert run("sales", catalogue.find_variants, "筒灯") == ()
    assert run("marketing", imports.apply, preview, True).created == 2


def test_a_row_that_could_be_several_variants_is_refused(run: Run, tmp_path: Path) -> None:
    make(run)
    path = workbook(tmp_path, ("型号", "品名", "功率", "系列"), (("DL-8010", "星辰嵌入式筒灯", "10W", "新系列"),))
    preview = seen(run, "technical", "products", path)
    assert "DL-8010-30、DL-8010-40" in words(preview)[0]


def test_sales_may_not_import_products_and_marketing_no_prices(run: Run, tmp_path: Path) -> None:
    path = workbook(tmp_path, HEAD, ROWS)
    with pytest.raises(PermissionDenied):
        seen(run, "sales", "products", path)
    with pytest.raises(PermissionDenied):
        seen(run, "marketing", "prices", path)


def test_a_price_list_sets_prices_from_its_day_on(run: Run, tmp_path: Path) -> None:
    _, (first, second) = make(run)
    price(run, first, 12_800, dt.date(2026, 1, 1))
    rows = (
        ("DL-8010-30", "¥128.00", "¥52.5", "90", "2026-12-01"),
        ("dl-8010-40", "1,360.00元", None, None, dt.date(2026, 12, 1)),
        ("NO-SUCH", 12, None, None, None),
        ("DL-8010", 12, None, None, None),
        ("DL-8010-30", None, None, None, None),
    )
    path = workbook(tmp_path, ("型号", "面价", "成本价", "底价", "生效日期"), rows)
    preview = seen(run, "finance", "prices", path)
    assert [row.line for row in preview.rejected] == [6, 7, 8]
    assert "先导入产品" in words(preview)[0]
    assert [dict(row.changes) for row in preview.changed] == [
        {"cost_fen": (None, 5250), "floor_fen": (None, 9000)},
        {"list_fen": (None, 136_000)},
    ]
    run("finance", imports.apply, preview, True)
    day = dt.date(2026, 12, 1)
    assert run("finance", catalogue.costs, [first, second], day) == {first: 5250}
    assert run("finance", catalogue.costs, [first], dt.date(2026, 11, 30)) == {}
    assert run("finance", catalogue.floors, [first], day) == {first: 9000}
    assert run("sales", catalogue.price_on, second, day) == 136_000
    assert run("sales", catalogue.price_on, second) is None
    # The unchanged list price of the first line made no new row of the history.
    assert len([p for p in run("sales", catalogue.show, _product(run, first)).prices if p.variant_id == first]) == 1


def _product(run: Run, variant_id):
    return run("sales", catalogue.facts, [variant_id])[variant_id].product_id


def test_a_price_list_with_prices_as_text_and_an_unreadable_one(run: Run, tmp_path: Path) -> None:
    make(run)
    rows = (
        ("DL-8010-30", "128.005"),
        ("DL-8010-40", "面议"),
    )
    preview = seen(run, "finance", "prices", workbook(tmp_path, ("订货号", "单价"), rows))
    assert len(preview.rejected) == 2
    assert "面议" in words(preview)[1]


def test_preview_and_annotated_rows_are_in_the_language_of_the_window(run: Run, tmp_path: Path) -> None:
    make(run)
    preview = seen(run, "finance", "prices", workbook(tmp_path, ("订货号", "单价"), (("NO-SUCH", 12),)))
    set_language("en")
    assert words(preview) == [
        "There is no order number or model “NO-SUCH” in the catalogue; please import the products first."
    ]


def test_a_preview_of_prices_shows_present_costs_only_to_those_who_may(run: Run, tmp_path: Path) -> None:
    _, (first, _) = make(run)
    make_secret(run, first)
    path = workbook(tmp_path, ("订货号", "单价", "成本价"), (("DL-8010-30", 12, 5),))
    preview = seen(run, "finance", "prices", path)
    assert preview.changed[0].changes["cost_fen"] == (731_317, 500)
