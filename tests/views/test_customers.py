"""Customers in the window: typing a new one, the warning of duplicates, the list's views and steps, the import page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton, QRadioButton, QWidget

from presales_desktop.services import customers
from presales_desktop.services.customers import ContactDraft, CustomerDraft, SiteDraft
from presales_desktop.services.listing import ListQuery
from presales_desktop.texts import set_language
from presales_desktop.views.customers import FEATURE
from presales_desktop.views.customers.editor import CustomerEditor
from presales_desktop.views.customers.list import CustomersPage
from presales_desktop.views.customers.merge import MergeBody
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import set_file_hook
from presales_desktop.views.kit.import_page import ImportPage
from tests.helpers import sheets

Run = Callable[..., Any]
Make = Callable[[str], ViewContext]


def shown(qtbot: Any, page: QWidget) -> Any:
    """The page on the screen, loaded."""
    qtbot.addWidget(page)
    page.resize(1166, 720)
    page.show()
    return page


def editor(qtbot: Any, ctx: ViewContext, record_id: Any = None, **initial: Any) -> CustomerEditor:
    page = FEATURE.editor(ctx, record_id, initial)
    assert isinstance(page, CustomerEditor)
    shown(qtbot, page)
    qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
    return page


def listed(qtbot: Any, ctx: ViewContext) -> CustomersPage:
    page = shown(qtbot, FEATURE.list_page(ctx))
    assert isinstance(page, CustomersPage)
    qtbot.waitUntil(lambda: page.model.ready, timeout=10_000)
    return page


def names(ctx: ViewContext, **filters: str) -> list[str]:
    page = ctx.db.runner.run(customers.list_rows, ListQuery(filters=tuple(filters.items())))[0]
    return sorted(r.name for r in page.rows)


def test_typing_a_customer_and_saving_keeps_it(qtbot: Any, ctx: ViewContext) -> None:
    page = editor(qtbot, ctx)
    name = page.findChild(QLineEdit, "customer.name")
    assert isinstance(name, QLineEdit)
    qtbot.keyClicks(name, "LightHouse Co")
    page.draft.append("contacts", ContactDraft(name="林小姐", phone="13900001111"))
    page.save_now()
    qtbot.waitUntil(lambda: page.record_id is not None and not page.is_saving, timeout=10_000)
    whole = ctx.db.runner.run(customers.show, page.record_id)[0]
    assert (whole.name, whole.owner, [c.name for c in whole.contacts]) == ("LightHouse Co", "王敏", ["林小姐"])
    assert ctx.nav.errors == []  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: len(page.timeline.rows) == 1, timeout=10_000)


def test_a_wrong_code_is_said_beside_its_field_and_nothing_is_saved(qtbot: Any, ctx: ViewContext) -> None:
    page = editor(qtbot, ctx)
    page.draft.set("name", "云境设计")
    page.draft.set("uscc", "91350100M000100Y44")
    page.save_now()
    qtbot.waitUntil(lambda: "校验码" in page.form.boxes["uscc"].problem, timeout=10_000)
    assert page.record_id is None
    assert page.error_bar.isVisible()
    assert names(ctx) == []


def test_the_warning_of_duplicates_comes_while_typing_and_never_blocks(qtbot: Any, ctx: ViewContext, run: Run) -> None:
    there = run("sales", customers.save, CustomerDraft(name="杭州望湖置业发展有限公司"))
    page = editor(qtbot, ctx)
    assert not page.duplicates.isVisible()
    page.draft.set("name", "望湖置业（杭州）")
    qtbot.waitUntil(page.duplicates.isVisible, timeout=10_000)
    assert [h.id for h in page.duplicates.hits] == [there]
    link = page.duplicates.findChild(QWidget, "customer.duplicate")
    link.click()  # type: ignore[union-attr]
    assert ctx.nav.opened == [("customer", there)]  # type: ignore[attr-defined]
    page.duplicates.findChild(QWidget, "customer.duplicates.dismiss").click()  # type: ignore[union-attr]
    assert not page.duplicates.isVisible()
    page.save_now()
    qtbot.waitUntil(lambda: page.record_id is not None, timeout=10_000)
    assert len(names(ctx)) == 2


def test_others_customers_are_shown_but_not_changed(qtbot: Any, make_ctx: Make, run: Run) -> None:
    one = run("sales2", customers.save, run("sales2", customers.new_draft, {"name": "锦绣湾酒店"}))
    page = editor(qtbot, make_ctx("sales"), one)
    assert page.read_only()
    assert not page.form.widget("name").isVisible()
    archive = next(s for s in page.steps() if s.action == "archive")
    assert (archive.enabled, archive.why) == (False, "只有负责人和他的上级可以")


def test_a_case_starts_from_the_customer(qtbot: Any, ctx: ViewContext, run: Run) -> None:
    one = run("sales", customers.save, run("sales", customers.new_draft, {"name": "锦绣湾酒店"}))
    page = editor(qtbot, ctx, one)
    step = page.primary_step()
    assert step is not None
    page.run_step(step)
    qtbot.waitUntil(lambda: bool(ctx.nav.made), timeout=10_000)  # type: ignore[attr-defined]
    assert ctx.nav.made == [("case", {"customer_id": one})]  # type: ignore[attr-defined]


def test_archiving_in_the_list_can_be_undone(qtbot: Any, ctx: ViewContext, run: Run) -> None:
    one = run("sales", customers.save, run("sales", customers.new_draft, {"name": "锦绣湾酒店"}))
    page = listed(qtbot, ctx)
    qtbot.waitUntil(lambda: page.model.cached(0) is not None, timeout=10_000)
    page.table.selectRow(0)
    page.run_action(next(a for a in page.spec.actions if a.title == "归档"))
    qtbot.waitUntil(lambda: names(ctx, state="archived") == ["锦绣湾酒店"], timeout=10_000)
    row = ctx.db.runner.run(customers.list_rows, ListQuery())[0].rows
    page.run(lambda: page.restore(list(row)))
    qtbot.waitUntil(lambda: names(ctx, state="active") == ["锦绣湾酒店"], timeout=10_000)
    assert row[0].id == one


def test_the_list_opens_with_mine_and_offers_the_first_step_when_empty(qtbot: Any, ctx: ViewContext, run: Run) -> None:
    run("sales2", customers.save, run("sales2", customers.new_draft, {"name": "锦绣湾酒店"}))
    page = listed(qtbot, ctx)
    assert page.filters() == (("owner", "me"), ("state", "active"))
    assert page.model.total == 0
    page.make_new()
    assert ctx.nav.made == [("customer", {})]  # type: ignore[attr-defined]


def test_the_preview_shows_whom_to_call(qtbot: Any, ctx: ViewContext, run: Run) -> None:
    draft = run("sales", customers.new_draft, {"name": "锦绣湾酒店"})
    draft.contacts = [ContactDraft(name="林经理", phone="13900001111")]
    draft.sites = [SiteDraft(address="珠海")]
    run("sales", customers.save, draft)
    page = listed(qtbot, ctx)
    qtbot.waitUntil(lambda: page.model.cached(0) is not None, timeout=10_000)
    page.table.selectRow(0)
    page.toggle_preview()

    def said() -> str:
        pane = page.findChild(QWidget, "customers.preview.pane")
        return " ".join(getattr(w, "text", str)() for w in pane.findChildren(QWidget) if hasattr(w, "text"))  # type: ignore[union-attr]

    qtbot.waitUntil(lambda: "13900001111" in said(), timeout=10_000)


ROWS = [
    ["客户名称", "电话", "等级", "统一社会信用代码"],
    ["云境设计", "0755-88886666", "重点", None],
    ["码错公司", None, None, "91350100M000100Y44"],
]


@pytest.fixture
def import_page(qtbot: Any, make_ctx: Make, tmp_path: Path) -> ImportPage:
    """The import laid over the list, with a file read: one good row, one bad."""
    ctx = make_ctx("sales_head")
    page = listed(qtbot, ctx)
    made = ImportPage.open_over(page, ctx, "customers")
    path = tmp_path / "客户.xlsx"
    path.write_bytes(sheets.workbook(("名单", ROWS), ("说明", [["甲", "乙"], ["丙", "丁"]]), title="客户一览"))
    made.read(path)
    qtbot.waitUntil(lambda: made.stack.currentIndex() == 1 and made._job is None, timeout=10_000)
    return made


def press(page: ImportPage, name: str) -> None:
    found = page.findChild(QWidget, f"import.{name}")
    assert found is not None
    assert found.isEnabled()
    found.click()  # type: ignore[attr-defined]


def previewed(qtbot: Any, page: ImportPage) -> None:
    press(page, "next")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2 and page._job is None, timeout=10_000)


def test_an_import_is_matched_looked_at_and_done(qtbot: Any, import_page: ImportPage) -> None:
    page = import_page
    assert page.mapping.mapping() == {
        "name": "客户名称",
        "phone": "电话",
        "importance": "等级",
        "uscc": "统一社会信用代码",
    }
    previewed(qtbot, page)
    assert page.seen is not None
    assert page.seen.counts == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1, "ignored": 0}
    assert not page.findChild(QWidget, "import.next").isEnabled()  # type: ignore[union-attr]
    press(page, "partial")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 3, timeout=10_000)
    assert names(page.ctx) == ["云境设计"]


def test_rejected_rows_are_saved_with_their_reasons(qtbot: Any, import_page: ImportPage, tmp_path: Path) -> None:
    import openpyxl

    page = import_page
    previewed(qtbot, page)
    target = tmp_path / "改.xlsx"
    set_file_hook(lambda mode, title, name: target)
    try:
        press(page, "rejected")
        qtbot.waitUntil(lambda: target.exists() and page._job is None, timeout=10_000)
    finally:
        set_file_hook(None)
    sheet = openpyxl.load_workbook(target).active
    assert sheet is not None
    assert "校验码" in str(sheet["A2"].value)
    assert page.ctx.nav.toasts  # type: ignore[attr-defined]


def test_a_column_serves_one_field_and_the_choice_is_remembered(
    qtbot: Any, import_page: ImportPage, tmp_path: Path
) -> None:
    page = import_page
    box = page.mapping.boxes["notes"]
    box.setCurrentIndex(box.findData("电话"))
    box.activated.emit(box.currentIndex())
    assert page.mapping.mapping()["notes"] == "电话"
    assert "phone" not in page.mapping.mapping()
    previewed(qtbot, page)
    page._show(0)
    page.read(tmp_path / "客户.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1 and page._job is None, timeout=10_000)
    assert page.mapping.mapping()["notes"] == "电话"


def test_an_unreadable_file_is_told_in_the_page(qtbot: Any, import_page: ImportPage, tmp_path: Path) -> None:
    page = import_page
    page._show(0)
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    page.read(path)
    qtbot.waitUntil(lambda: page._job is None, timeout=10_000)
    assert "已损坏" in page.error_bar.text
    assert page.stack.currentIndex() == 0


def test_closing_the_import_gives_the_list_its_keys_back(qtbot: Any, import_page: ImportPage) -> None:
    owner = import_page._owner
    assert owner is not None
    assert import_page._hushed
    hushed = list(import_page._hushed)
    import_page.close_page()
    assert all(each.isEnabled() for each in hushed)
    assert not import_page.isVisible()


def test_every_page_is_built_in_english_too(qtbot: Any, ctx: ViewContext, run: Run) -> None:
    one = run("sales", customers.save, run("sales", customers.new_draft, {"name": "锦绣湾酒店"}))
    set_language("en")
    listed(qtbot, ctx)
    page = editor(qtbot, ctx, one)
    assert page.accessibleName() is not None
    assert page.form.boxes["name"].label.text() == "Customer name"


def test_two_customers_are_merged_field_by_field(qtbot: Any, make_ctx: Make) -> None:
    ctx = make_ctx("sales_head")
    run = ctx.db.runner.run
    gone = run(customers.save, CustomerDraft(name="云境设计", email="a@b.cn", contacts=[ContactDraft(name="林小姐")]))[
        0
    ]
    kept = run(customers.save, CustomerDraft(name="深圳云境设计有限公司", phone="0755-88886666"))[0]
    page = editor(qtbot, ctx, gone)
    page.ask_merge(kept)
    body = page.findChild(MergeBody)
    assert body is not None
    qtbot.waitUntil(lambda: body.comparison is not None, timeout=10_000)
    # what only one of them knows is kept without asking; of what both know the one that stays is offered
    assert body.taken == ["email"]
    pick = page.findChild(QRadioButton, "customer.merge.name.gone")
    assert pick is not None
    pick.click()
    confirm = page.findChild(QPushButton, "customer.merge.confirm")
    assert confirm is not None
    confirm.click()
    qtbot.waitUntil(lambda: ctx.nav.opened == [("customer", kept)], timeout=10_000)  # type: ignore[attr-defined]
    whole = run(customers.show, kept)[0]
    assert (whole.name, whole.email, whole.phone) == ("云境设计", "a@b.cn", "0755-88886666")
    sign = editor(qtbot, ctx, gone)
    qtbot.waitUntil(lambda: sign.merged.isVisible(), timeout=10_000)
    assert sign.read_only()
    assert sign.steps() == []
