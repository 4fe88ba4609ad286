"""The list of customers: mine, key ones, all, archived; hand-over and archive in bulk; import."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from presales_desktop.models.permissions import Ownership
from presales_desktop.services import customers
from presales_desktop.services.customers import CustomerRow
from presales_desktop.texts import tr
from presales_desktop.texts.customers import KINDS
from presales_desktop.views.customers.merge import ask_merge
from presales_desktop.views.customers.preview import CustomerPreview
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.columns import Column, choice_text
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask
from presales_desktop.views.kit.import_page import ImportPage
from presales_desktop.views.kit.list_page import (
    EmptyText,
    FilterChoice,
    HeaderAction,
    ListAction,
    ListPage,
    ListSpec,
    SavedView,
)
from presales_desktop.views.kit.pickers import RecordPicker

IMPORTANCE_TONES = {"key": "amber", "important": "accent"}
_WORDS = KINDS["customer"].choices
_ACTIVE = ("state", "active")


def importance_chip(row: Any) -> tuple[str, str] | None:
    """Key and important customers are marked, normal ones are not."""
    tone = IMPORTANCE_TONES.get(row.importance)
    return (tr(_WORDS["importance"][row.importance]), tone) if tone else None


def _choices(name: str) -> FilterChoice:
    return FilterChoice(
        name, KINDS["customer"].labels[name], lambda: [(value, tr(word)) for value, word in _WORDS[name].items()]
    )


class CustomersPage(ListPage):
    """The list with what can be done with several customers."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(ctx, _spec(self, ctx))

    def open_import(self) -> None:
        """Lay the import over the list."""
        page = ImportPage.open_over(self, self.ctx, "customers")
        page.imported.connect(lambda _result: self.reload())

    async def archive(self, rows: list[CustomerRow]) -> None:
        """Archive the selected ones; can be undone from the message."""
        ids = [row.id for row in rows]
        count = await self.ctx.db.run(customers.do_many, ids, "archive")

        def undo() -> None:
            self.run(lambda: self.restore(rows))

        self.ctx.nav.toast(tr("已归档 {n} 个客户", n=count), tone="good", action=(tr("撤销"), undo))

    async def restore(self, rows: list[CustomerRow]) -> None:
        """Bring archived ones back."""
        count = await self.ctx.db.run(customers.do_many, [row.id for row in rows], "restore")
        self.ctx.nav.toast(tr("已恢复 {n} 个客户", n=count), tone="good")

    async def assign(self, rows: list[CustomerRow]) -> None:
        """Give the selected ones to another owner."""
        picker = RecordPicker(self.ctx, "user")
        picker.setObjectName("customers.assign.owner")
        picker.setAccessibleName(tr("新的负责人"))

        def valid() -> str:
            return "" if picker.value is not None else tr("请选择新的负责人。")

        title = tr("转交 {n} 个客户", n=len(rows))
        if await ask(self, title, picker, tr("转交"), valid=valid, name="customers.assign"):
            count = await self.ctx.db.run(customers.assign_many, [row.id for row in rows], picker.value)
            self.ctx.nav.toast(tr("已转交 {n} 个客户", n=count), tone="good")

    def merge(self, rows: list[CustomerRow]) -> None:
        """Merge the two that are selected."""
        ask_merge(self, self.ctx, rows[0].id, rows[1].id, lambda _stays: self.reload())


def _spec(page: CustomersPage, ctx: ViewContext) -> ListSpec:
    def editable(rows: list[CustomerRow]) -> bool:
        return all(ctx.may("customer.edit", Ownership(row.owner_id)).allowed for row in rows)

    actions = [
        ListAction(
            "归档", "box", lambda rows: page.archive(rows), "Ctrl+Shift+E",
            lambda rows: editable(rows) and all(r.state == "active" for r in rows),
        ),
        ListAction(
            "恢复", "rotate-ccw", lambda rows: page.restore(rows), "",
            lambda rows: editable(rows) and all(r.state == "archived" for r in rows),
        ),
    ]  # fmt: skip
    if ctx.may("customer.assign").allowed:
        actions.insert(0, ListAction("转交", "user-check", lambda rows: page.assign(rows), "Ctrl+Shift+A"))
    if ctx.may("customer.merge").allowed:
        actions.append(
            ListAction(
                "合并", "merge", lambda rows: page.merge(rows), "",
                lambda rows: len(rows) == 2 and all(r.state != "merged" for r in rows),
            )
        )  # fmt: skip
    return ListSpec(
        key="customers",
        kind="customer",
        title="客户",
        icon="building-2",
        columns=(
            Column("name", "客户名称", 300, strong=True, stretch=True, detail=lambda r: r.short_name),
            Column("importance", "重要程度", 104, chip=importance_chip),
            Column("region", "地区", 110, tone=lambda _: "secondary"),
            Column("industry", "行业", 106, format=choice_text("customer", "industry"), sortable=False),
            Column("phone", "电话", 130, sortable=False),
            Column("owner", "负责人", 80, sortable=False),
            Column("open_cases", "进行中项目", 90, align="right", text=_open_cases, sortable=False),
            Column("updated_at", "更新时间", 110, format=fmt.ago, tone=lambda _: "secondary"),
            Column("number", "编号", 140, tone=lambda _: "secondary", hidden=True),
        ),
        query=customers.list_rows,
        views=(
            SavedView("我的客户", (("owner", "me"), _ACTIVE), "-updated_at"),
            SavedView("重点客户", (("importance", "key"), _ACTIVE), "-updated_at"),
            SavedView("全部", (_ACTIVE,), "-updated_at"),
            SavedView("已归档", (("state", "archived"),), "-updated_at"),
            SavedView("已并入", (("state", "merged"),), "-updated_at"),
        ),
        filters=tuple(_choices(name) for name in ("importance", "industry", "source", "kind")),
        empty=EmptyText("building-2", "还没有客户", "把第一位客户放进来，或从 Excel 导入公司现有的客户名单。"),
        new_right="customer.create",
        new_title="新建客户",
        preview=lambda ctx, row: CustomerPreview(ctx, row.id),
        actions=tuple(actions),
        header=(HeaderAction("导入", "import", page.open_import, "Ctrl+I", "customer.create"),),
        also=("case", "user"),
        search_hint="搜索名称、电话、联系人或拼音首字母",
    )


def _open_cases(row: CustomerRow) -> str:
    return str(row.open_cases) if row.open_cases else ""


def customers_page(ctx: ViewContext) -> QWidget:
    """The page behind 客户 in the rail."""
    return CustomersPage(ctx)
