"""Merging two customers: side by side, field by field; what will move; confirmed in place, for it can't be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from presales_desktop.models.customers import FIELDS, MERGED_FIELDS
from presales_desktop.models.errors import PresalesError
from presales_desktop.services import customer_merge
from presales_desktop.services.customer_merge import Comparison, Side
from presales_desktop.services.customers import CustomerWhole
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import button, clear, icon_label, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.kit.form import read_text
from presales_desktop.views.kit.pickers import RecordPicker

_WIDTH = 760
_FIELDS = {f.name: f for f in FIELDS}
_COUNTED = ("contact", "site", "case", "survey", "design", "quote", "contract")


class _Said(QLabel):
    """A value that its button is chosen with, too: a larger mark for the mouse."""

    def __init__(self, pick: QRadioButton, text: str, role: str) -> None:
        super().__init__(text)
        self._pick = pick
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if role:
            self.setProperty("role", role)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick.setChecked(True)
        event.accept()


class MergeBody(QWidget):
    """Choose the other one, which of the two stays, and whose value each field takes."""

    def __init__(self, ctx: ViewContext, first: UUID, second: UUID | None) -> None:
        super().__init__()
        self._ctx = ctx
        self._first, self._second = first, second
        self._turned = False  # the first stays, not the second
        self.comparison: Comparison | None = None
        self.failed = ""
        self._picks: dict[str, QRadioButton] = {}
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        self.picker = RecordPicker(ctx, "customer")
        self.picker.setObjectName("customer.merge.other")
        self.picker.setAccessibleName(tr("与哪个客户合并"))
        self.picker.chosen.connect(self._chosen)
        whole.addWidget(words(tr("与哪个客户合并"), "small"))
        whole.addWidget(self.picker)
        self._problem = words("", "bad", wrap=True)
        self._problem.hide()
        whole.addWidget(self._problem)
        self._holder = QWidget()
        self._inner = QVBoxLayout(self._holder)
        self._inner.setContentsMargins(0, 4, 0, 0)
        self._inner.setSpacing(10)
        self._holder.hide()
        whole.addWidget(self._holder)
        if second is not None:
            self.picker.set_value(second)
            self._compare()

    @property
    def taken(self) -> list[str]:
        """Fields that the one that goes gives."""
        return [name for name, pick in self._picks.items() if pick.isChecked()]

    def valid(self) -> str:
        """Why it can't be confirmed yet."""
        if self.failed:
            return self.failed
        return "" if self.comparison is not None else tr("请选择另一个客户。")

    def _chosen(self, other: UUID | None) -> None:
        self._second = other
        self._compare()

    def turn(self) -> None:
        """The other one stays."""
        self._turned = not self._turned
        self._compare()

    def _compare(self) -> None:
        self.comparison, self.failed = None, ""
        self._problem.hide()
        if self._second is None:
            self._holder.hide()
            return
        jobs.start(self, self._read(self._second), self._failed_to)

    async def _read(self, other: UUID) -> None:
        gone, kept = (other, self._first) if self._turned else (self._first, other)
        found = await self._ctx.db.run(customer_merge.compare, gone, kept)
        if other == self._second:
            self._show(found)

    def _failed_to(self, error: BaseException) -> None:
        self._holder.hide()
        self.failed = lookup.error_text(error) if isinstance(error, PresalesError) else tr("没有读出来，请稍后重试。")
        self._problem.setText(self.failed)
        self._problem.show()
        if not isinstance(error, PresalesError):
            jobs.report(error)

    # what is shown

    def _show(self, found: Comparison) -> None:
        self.comparison = found
        clear(self._inner)
        self._picks = {}
        turn = button(tr("互换"), self.turn, icon="arrow-up-down", name="customer.merge.turn")
        turn.setToolTip(tr("换成保留另一个客户"))
        self._inner.addLayout(row(words(tr("保留谁的资料：逐项选择"), "strong"), None, turn))
        self._inner.addWidget(self._table(found))
        self._inner.addWidget(line())
        self._inner.addWidget(words(_consequence(found), wrap=True))
        self._inner.addLayout(
            row(icon_label("triangle-alert", 16, "amber"), words(tr("合并后不能撤销。"), "strong"), None, gap=8)
        )
        self._holder.show()

    def _table(self, found: Comparison) -> QWidget:
        holder = QFrame()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        heads = ((tr("合并后保留"), found.kept), (tr("并入并停用"), found.gone))
        for place, (word, side) in enumerate(heads, start=1):
            head = QVBoxLayout()
            head.setSpacing(0)
            head.addWidget(words(word, "small"))
            head.addWidget(words(side.number, "secondary"))
            grid.addLayout(head, 0, place)
        for name in MERGED_FIELDS:
            self._line(grid, grid.rowCount(), name, found)
        return holder

    def _line(self, grid: QGridLayout, at: int, name: str, found: Comparison) -> None:
        label = lookup.label("customer", name)
        kept, gone = self._text(name, found.kept), self._text(name, found.gone)
        if not kept and not gone:
            return
        grid.addWidget(words(label, "small"), at, 0, Qt.AlignmentFlag.AlignTop)
        fixed = name == "owner_id" and not found.may_assign
        if name not in found.differing or fixed:
            grid.addWidget(words(kept or "—", wrap=True), at, 1)
            if fixed and kept != gone:
                grid.addWidget(words(gone or "—", "faint", wrap=True), at, 2)
            return
        group = QButtonGroup(self._holder)
        # what only one of them knows is kept without asking
        take = bool(gone) and not kept
        for place, text, chosen in ((1, kept, not take), (2, gone, take)):
            pick = QRadioButton()
            pick.setObjectName(f"customer.merge.{name}.{'kept' if place == 1 else 'gone'}")
            pick.setAccessibleName(f"{label}：{text or tr('（空）')}")
            pick.setChecked(chosen)
            group.addButton(pick)
            said = _Said(pick, text or tr("（空）"), "" if text else "faint")
            line_ = row(pick, gap=6)
            line_.addWidget(said, 1)
            line_.setAlignment(pick, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(line_, at, place)
            if place == 2:
                self._picks[name] = pick

    def _text(self, name: str, side: Side) -> str:
        if name == "owner_id":
            return side.owner
        return read_text("customer", _FIELDS[name], side.values[name])


class MergedBar(QFrame):
    """Over what is left of a merged customer: where it went."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.setProperty("look", "amber")
        self.setObjectName("customer.merged")
        self._said = words("", wrap=True)
        self._link = button("", self._go, look="link", name="customer.merged.open")
        inner = QVBoxLayout(self)
        inner.setContentsMargins(16, 10, 16, 10)
        inner.addLayout(row(icon_label("merge", 16, "amber"), self._said, self._link, None, gap=8))
        self._to: UUID | None = None
        self.hide()

    def show_whole(self, whole: CustomerWhole) -> None:
        """Say where WHOLE went; nothing for one that stands for itself."""
        self._to = whole.merged_into
        self.setVisible(self._to is not None)
        self._said.setText(tr("这个客户已并入另一个客户，不能再修改："))
        self._link.setText(whole.merged_name)

    def _go(self) -> None:
        if self._to is not None:
            self._ctx.nav.open("customer", self._to)


def _consequence(found: Comparison) -> str:
    counts = [f"{lookup.kind_title(k)} {n}" for k in _COUNTED if (n := found.gone.hanging.get(k, 0))]
    moved = (
        tr("将转到“{name}”：{what}。", name=found.kept.name, what=tr("、").join(counts))
        if counts
        else tr("“{name}”下面没有联系人、项目和单据。", name=found.gone.name)
    )
    rest = tr(
        "“{name}”（{number}）停用，搜索时仍能找到并指向保留的客户；已审核、已发出的文件内容不变。",
        name=found.gone.name,
        number=found.gone.number,
    )
    return f"{moved}\n{rest}"


def ask_merge(page: QWidget, ctx: ViewContext, first: UUID, second: UUID | None, done: Callable[[UUID], Any]) -> None:
    """Lay the sheet over PAGE; DONE(id of the one that stays) after the merge."""
    body = MergeBody(ctx, first, second)
    sheet = Sheet(
        page, tr("合并客户"), body, tr("合并"), tone="bad", valid=body.valid, name="customer.merge", width=_WIDTH,
        keep_open=True,
    )  # fmt: skip

    async def merge() -> None:
        found = body.comparison
        assert found is not None
        versions = (found.gone.version, found.kept.version)
        stays = await ctx.db.run(customer_merge.merge, found.gone.id, found.kept.id, body.taken, versions)
        sheet.finish(True)
        ctx.nav.toast(tr("已合并到“{name}”", name=found.kept.name), tone="good")
        done(stays)

    def failed(error: BaseException) -> None:
        if isinstance(error, PresalesError):
            sheet.show_problem(lookup.error_text(error))
        else:
            sheet.finish(False)
            ctx.nav.show_error(error)

    sheet.confirmed.connect(lambda: jobs.start(sheet, merge(), failed))
