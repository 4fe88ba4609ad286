"""Importing customers: mapping, preview, all or nothing, annotated rejects; the machinery with a target of the test's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.errors import ConflictError, InputError, PermissionDenied, UserError
from presales_desktop.services import cells, customers, imports, spreadsheets, timeline
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.imports import customers_target
from presales_desktop.services.listing import ListQuery
from presales_desktop.texts import set_language
from tests.helpers import sheets

Run = Callable[..., Any]
HEAD = [
    "序号",
    "客户名称*",
    "统一社会信用代码",
    "联系电话",
    "所在城市",
    "客户等级",
    "联系人",
    "手机",
    "详细地址",
    "业务员",
    "备注",
]
ROWS = [
    HEAD,
    [1, "中山市星辉灯饰有限公司", "91350100M000100Y43", "0760-22386600", "广东中山", "重点", "黄先生", 13800138000.0, "古镇同兴路 8 号", "王敏", ""],
    [2, "云境设计", None, None, "广东深圳", "一般", None, None, None, None, "老客户介绍"],
    [3, "锦绣湾酒店", None, "0756-8888666", "广东珠海", "重要", "林经理", "139 0000 1111", None, "李强", None],
    ["合计", 3],
]  # fmt: skip


def sheet(rows: list[list[Any]], name: str = "客户名单.xlsx") -> spreadsheets.Sheet:
    data = sheets.workbook(("客户", rows), title="灯港照明客户一览表")
    return spreadsheets.read_table(data, name, known=customers_target().titles)


def see(
    run: Run, rows: list[list[Any]], who: str = "sales_head", mapping: dict[str, str] | None = None
) -> imports.Preview:
    found: imports.Preview = run(who, imports.preview, customers_target(), sheet(rows), mapping)
    return found


def names(run: Run) -> list[str]:
    return sorted(r.name for r in run("sales", customers.list_rows, ListQuery()).rows)


def test_columns_of_a_company_list_are_recognised() -> None:
    mapping = imports.guess_mapping(sheet(ROWS).headers, customers_target())
    assert mapping == {
        "name": "客户名称*", "uscc": "统一社会信用代码", "phone": "联系电话", "region": "所在城市", "importance": "客户等级",
        "contact_name": "联系人", "contact_phone": "手机", "address": "详细地址", "owner_id": "业务员", "notes": "备注",
    }  # fmt: skip


def test_english_columns_are_recognised() -> None:
    mapping = imports.guess_mapping(["Customer Name", "Phone", "City", "Salesperson", "colour"], customers_target())
    assert mapping == {"name": "Customer Name", "phone": "Phone", "region": "City", "owner_id": "Salesperson"}


def test_a_workbook_with_a_title_row_is_imported_whole(run: Run) -> None:
    seen = see(run, ROWS)
    assert seen.counts == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 0, "ignored": 1}
    result = run("sales_head", imports.apply, seen)
    assert (result.created, result.updated, len(result.ids)) == (3, 0, 3)
    one = run("sales", customers.show, result.ids[0])
    assert (one.name, one.uscc, one.phone, one.importance, one.owner) == (
        "中山市星辉灯饰有限公司", "91350100M000100Y43", "0760-22386600", "key", "王敏",
    )  # fmt: skip
    assert [(c.name, c.phone) for c in one.contacts] == [("黄先生", "13800138000")]
    assert [s.address for s in one.sites] == ["古镇同兴路 8 号"]
    assert [e.action for e in run("sales", timeline.of, "customer", one.id)] == ["created"]
    again = see(run, ROWS)
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 3, "rejected": 0, "ignored": 1}
    with pytest.raises(UserError, match=r"import.nothing"):
        run("sales_head", imports.apply, again)


def test_a_gb18030_text_is_imported_whole(run: Run) -> None:
    data = sheets.text(
        [["客户名单"], ["客户名称", "电话", "等级"], ["望湖地产", "0571-87654321", "重要"], ["龘靐馆", "", ""]]
    )
    found = spreadsheets.read_table(data, "客户.csv", known=customers_target().titles)
    seen = run("sales", imports.preview, customers_target(), found)
    assert run("sales", imports.apply, seen).created == 2
    assert names(run) == ["望湖地产", "龘靐馆"]


def test_changes_are_shown_with_old_and_new_and_empty_cells_erase_nothing(run: Run) -> None:
    run("sales_head", imports.apply, see(run, ROWS))
    rows = [
        HEAD,
        [
            1,
            "中山市星辉灯饰有限公司",
            None,
            "0760-11112222",
            None,
            "一般",
            "黄先生",
            "13800138001",
            "新地址",
            "李强",
            None,
        ],
    ]
    seen = see(run, rows)
    changes = seen.changed[0].changes
    assert set(changes) == {"phone", "importance", "contact_phone", "address", "owner_id"}
    assert changes["phone"] == ("0760-22386600", "0760-11112222")
    assert [seen.text("importance", v) for v in changes["importance"]] == ["重点", "一般"]
    assert [seen.text("owner_id", v) for v in changes["owner_id"]] == ["王敏", "李强"]
    one = run("sales", customers.show, run("sales_head", imports.apply, seen).ids[0])
    assert (one.phone, one.region, one.uscc, one.owner) == ("0760-11112222", "广东中山", "91350100M000100Y43", "李强")
    assert [(c.name, c.phone) for c in one.contacts] == [("黄先生", "13800138001")]
    assert [s.address for s in one.sites] == ["古镇同兴路 8 号", "新地址"]


BAD = [
    HEAD,
    [1, "好公司", None, None, None, None, None, None, None, None, None],
    [2, None, None, "0760-22386600", None, None, None, None, None, None, None],
    [3, "码错公司", "91350100M000100Y44", None, None, None, None, None, None, None, None],
    [4, "等级错公司", None, None, None, "特大", None, None, None, None, None],
    [5, "好公司", None, None, None, None, None, None, None, None, None],
    [6, "无主公司", None, None, None, None, None, None, None, "不认识", None],
    [7, "无名联系人", None, None, None, None, None, "13800138000", None, None, None],
    [8, "=HYPERLINK(1)", 913501000000001234.0, None, None, None, None, None, None, None, None],
]  # fmt: skip


def test_rejected_rows_name_line_and_reason_and_nothing_is_imported(run: Run) -> None:
    seen = see(run, BAD)
    assert [(r.line, [p.code for p in r.problems]) for r in seen.rejected] == [
        (4, ["field.required"]),
        (5, ["customer.uscc_check"]),
        (6, ["field.choice"]),
        (7, ["import.repeated"]),
        (8, ["import.owner_unknown"]),
        (9, ["import.contact_nameless"]),
        (10, ["import.rounded"]),
    ]
    assert "客户名称不能为空" in imports.reasons(seen.rejected[0], "customer")
    assert "第 3 行重复" in imports.reasons(seen.rejected[3], "customer")
    with pytest.raises(UserError) as caught:
        run("sales_head", imports.apply, seen)
    assert (caught.value.code, caught.value.values["count"]) == ("import.rejected", 7)
    assert names(run) == []
    assert run("sales_head", imports.apply, seen, partial=True).created == 1
    assert names(run) == ["好公司"]


def test_the_annotated_file_holds_the_rejected_rows_and_can_be_imported_when_corrected(run: Run) -> None:
    import openpyxl

    content = imports.annotated(see(run, BAD))
    page = openpyxl.load_workbook(BytesIO(content)).active
    assert page is not None
    rows = list(page.iter_rows(values_only=True))
    assert rows[0] == ("原因", "原文件行号", *HEAD)
    assert [r[1] for r in rows[1:]] == [4, 5, 6, 7, 8, 9, 10]
    assert "校验码" in str(rows[2][0])
    assert rows[2][3] == "码错公司"
    assert rows[7][3] == "=HYPERLINK(1)"  # text, no formula
    assert page.cell(8, 4).data_type == "s"
    page["E3"] = "91350100M000100Y43"
    corrected = BytesIO()
    book = page.parent
    assert book is not None
    book.save(corrected)
    found = spreadsheets.read_table(corrected.getvalue(), "改.xlsx", known=customers_target().titles)
    seen = run("sales_head", imports.preview, customers_target(), found)
    assert [r.title for r in seen.new] == ["码错公司", "好公司"]


def test_what_changed_after_the_preview_stops_the_import(run: Run) -> None:
    seen = see(run, ROWS)
    run("sales", customers.save, CustomerDraft(name="云境设计"))
    with pytest.raises(ConflictError) as caught:
        run("sales_head", imports.apply, seen)
    assert (caught.value.code, caught.value.line) == ("import.changed_meanwhile", 4)
    assert names(run) == ["云境设计"]


def test_a_cancelled_import_leaves_nothing(run: Run) -> None:
    class Stop(Exception):
        pass

    def progress(done: int, total: int, what: str) -> None:
        if done == total:
            raise Stop

    with pytest.raises(Stop):
        run("sales_head", imports.apply, see(run, ROWS), progress=progress)
    assert names(run) == []
    assert see(run, ROWS).counts["new"] == 3


def test_near_names_are_hinted_but_imported(run: Run) -> None:
    run("sales", customers.save, CustomerDraft(name="中山古镇星辉灯饰厂"))
    seen = see(run, ROWS)
    assert [p.code for p in seen.new[0].problems] == ["import.similar"]
    assert run("sales_head", imports.apply, seen).created == 3


def test_customers_of_others_and_foreign_owners_are_rejected(run: Run) -> None:
    run("sales2", customers.save, run("sales2", customers.new_draft, {"name": "锦绣湾酒店"}))
    seen = see(run, [["客户名称", "备注"], ["锦绣湾酒店", "改"]], who="sales")
    assert [p.code for p in seen.rejected[0].problems] == ["import.not_yours"]
    run("sales", customers.save, run("sales", customers.new_draft, {"name": "云境设计"}))
    seen = see(run, [["客户名称", "业务员"], ["云境设计", "李强"]], who="sales")
    assert [p.code for p in seen.rejected[0].problems] == ["import.owner_fixed"]
    with pytest.raises(PermissionDenied):
        see(run, ROWS, who="finance")


def test_two_customers_of_one_name_need_a_number(run: Run) -> None:
    for _ in range(2):
        run("sales", customers.save, CustomerDraft(name="云境设计"))
    rows = [
        ["客户名称", "客户编号", "备注"],
        ["云境设计", None, "x"],
        ["云境设计", "KH20261123-002", "y"],
        ["云境设计", "KH1", "z"],
    ]
    seen = see(run, rows)
    assert [r.changes for r in seen.changed] == [{"notes": ("", "y")}]
    assert [[p.code for p in r.problems] for r in seen.rejected] == [["import.ambiguous"], ["import.number_unknown"]]


def test_mappings_are_checked(run: Run) -> None:
    for mapping, code in (
        ({"phone": "联系电话"}, "import.field_unmapped"),
        ({"name": "没有"}, "import.column_unknown"),
        ({"nonsense": "备注"}, "import.field_unknown"),
        ({"name": "备注", "notes": "备注"}, "import.column_twice"),
    ):
        with pytest.raises((InputError, UserError)) as caught:
            see(run, ROWS, mapping=mapping)
        assert caught.value.code == code
    assert [r.title for r in see(run, ROWS, mapping={"name": "所在城市"}).new] == ["广东中山", "广东深圳", "广东珠海"]


def test_a_table_without_rows_and_an_unknown_target_are_refused(run: Run) -> None:
    with pytest.raises(InputError, match=r"import.no_rows"):
        see(run, [HEAD, ["合计", 0]])
    with pytest.raises(InputError, match=r"import.target_unknown"):
        imports.target("nothing")


def test_the_words_follow_the_language(run: Run) -> None:
    seen = see(run, BAD)
    set_language("en")
    assert "repeats line 3" in imports.reasons(seen.rejected[3], "customer").lower()


def test_every_field_of_the_target_is_named_and_no_title_is_shared() -> None:
    from presales_desktop.texts.customers import KINDS

    target = customers_target()
    assert all(f.name in KINDS["customer"].labels for f in target.fields)
    titles = [cells.header_key(t) for t in target.titles]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("reader", "cell", "value"),
    [
        (cells.as_text, " a\u3000 ", "a"), (cells.as_text, 12.0, "12"), (cells.as_text, "", None),
        (cells.as_decimal, "1,280.50", Decimal("1280.50")), (cells.as_decimal, "１２", Decimal(12)), (cells.as_decimal, 0.1, Decimal("0.1")),
        (cells.as_integer, 3.0, 3), (cells.as_integer, "", None),
        (cells.as_fen, "¥1,280.00", 128000), (cells.as_fen, "1280元", 128000), (cells.as_fen, 12.35, 1235), (cells.as_fen, 0.1 + 0.2, 30),
        (cells.as_percent, "85%", Decimal(85)), (cells.as_percent, 0.85, Decimal("85.00")), (cells.as_percent, 85, Decimal(85)),
        (cells.as_date, "2026年3月1日", dt.date(2026, 3, 1)), (cells.as_date, "2026/3/1 10:20", dt.date(2026, 3, 1)),
        (cells.as_date, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.date(2026, 3, 1)), (cells.as_date, 20260301.0, dt.date(2026, 3, 1)),
        (cells.as_flag, "√", True), (cells.as_flag, "否", False), (cells.as_flag, 1.0, True),
    ],
)  # fmt: skip
def test_cells_are_read_as_people_write_them(reader: cells.CellReader, cell: Any, value: Any) -> None:
    assert reader(cell) == value


@pytest.mark.parametrize(
    ("reader", "cell"),
    [
        (cells.as_decimal, "十二"), (cells.as_decimal, True), (cells.as_decimal, "nan"), (cells.as_integer, "1.5"),
        (cells.as_fen, "12.345"), (cells.as_fen, "面议"), (cells.as_date, "2026-13-01"), (cells.as_date, "昨天"), (cells.as_flag, "也许"),
    ],
)  # fmt: skip
def test_cells_that_mean_nothing_are_refused(reader: cells.CellReader, cell: Any) -> None:
    with pytest.raises(cells.CellProblem):
        reader(cell)


any_cell = st.one_of(
    st.none(), st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()
)


@given(
    any_cell,
    st.sampled_from(
        [
            cells.as_text,
            cells.as_decimal,
            cells.as_integer,
            cells.as_fen,
            cells.as_percent,
            cells.as_date,
            cells.as_flag,
        ]
    ),
)
def test_any_cell_is_read_or_refused(cell: Any, reader: cells.CellReader) -> None:
    try:
        reader(cell)
    except cells.CellProblem as problem:
        assert problem.code.startswith("field.")  # noqa: PT017


@given(st.integers(-(10**11), 10**11))
def test_every_price_that_excel_can_hold_comes_back_to_the_fen(fen: int) -> None:
    assert cells.as_fen(fen / 100) == fen
    assert cells.as_fen(f"¥{Decimal(fen) / 100:,.2f}") == fen
