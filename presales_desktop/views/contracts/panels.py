"""The right column of a contract: the eight required contents, what to look at once more, revisions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from presales_desktop.models.contracts import PartCheck
from presales_desktop.models.errors import Problem
from presales_desktop.services.contracts import DecisionRow, RevisionRow
from presales_desktop.texts import contracts as texts
from presales_desktop.texts import lookup, tr
from presales_desktop.views.contracts.list import TONES
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import Elided, clear, column, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.kit.states import Chip

_BY = {"table": "标的表", "parties": "当事人信息"}


def _by(names: Sequence[str]) -> str:
    clauses = [n for n in names if n.isdigit()]
    said = [tr(_BY[n]) for n in names if n in _BY]
    if clauses:
        said.append(tr("第 {n} 条", n=tr("、").join(clauses[:4]) + ("…" if len(clauses) > 4 else "")))
    return " · ".join(said)


class PartsPanel(SidePanel):
    """The contents of Civil Code art. 470, each with what fulfils it; `asked(part)` when one is pressed."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("必备内容"), key="contract.parts")
        self.setObjectName("contract.parts")
        self._list = column(gap=0)
        self.body.addWidget(words(tr("《民法典》第 470 条的八项内容，齐全后才能提交审核。"), "small", wrap=True))
        self.body.addLayout(self._list)
        self.checks: tuple[PartCheck, ...] = ()

    def show_checks(self, checks: tuple[PartCheck, ...]) -> None:
        """Show CHECKS."""
        if checks == self.checks:
            return
        self.checks = checks
        self.set_note(f"{sum(c.present for c in checks)}/{len(checks)}")
        clear(self._list)
        for check in checks:
            word = tr(texts.PARTS[check.part])
            said = _by(check.by) if check.present else tr("缺少")
            made = RowButton(f"{word}：{said}", partial(self.asked.emit, check.part))
            made.setObjectName(f"contract.part.{check.part}")
            icon, tone = ("circle-check", "good") if check.present else ("circle-alert", "bad")
            told = column(Elided(word), Elided(said, "small" if check.present else "bad"), gap=0)
            inner = row(icon_label(icon, tokens.ICON, tone), margins=(4, 3, 4, 3))
            inner.addLayout(told, 1)
            made.setLayout(inner)
            self._list.addWidget(made)


class HintsPanel(SidePanel):
    """Reminders that don't block: credit, missing facts of a party, a wrong word. `asked(path)` leads to the field."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("提醒"), key="contract.hints")
        self.setObjectName("contract.hints")
        self._list = column(gap=4)
        self.body.addLayout(self._list)
        self.hide()

    def show_hints(self, hints: Sequence[Problem]) -> None:
        """Show HINTS; nothing at all where there are none."""
        clear(self._list)
        self.setVisible(bool(hints))
        self.set_note(str(len(hints)) if hints else "")
        for hint in hints:
            self._list.addWidget(self._row(hint))

    def _row(self, hint: Problem) -> QWidget:
        text = lookup.problem_text(hint, "contract")
        if hint.field and hint.field.startswith(("buyer_", "seller_")):
            side = tr("甲方") if hint.field.startswith("buyer_") else tr("乙方")
            text = tr("{side}：{text}", side=side, text=text)
        made = RowButton(text, partial(self.asked.emit, hint.field or ""))
        inner = row(icon_label("triangle-alert", tokens.ICON, "amber"), margins=(4, 2, 4, 2))
        inner.addWidget(words(text, "small", wrap=True), 1)
        made.setLayout(inner)
        return made


class RevisionsPanel(SidePanel):
    """The family's revisions and every decision that was made on them."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(tr("版本与审核记录"), key="contract.revisions")
        self._ctx = ctx
        self._list = column(gap=4)
        self.body.addLayout(self._list)

    def show_revisions(self, rows: Sequence[RevisionRow], decisions: Sequence[DecisionRow], current: UUID) -> None:
        """Show ROWS, the newest first, with their DECISIONS."""
        clear(self._list)
        self.set_note(str(len(rows)) if len(rows) > 1 else "")
        for each in rows:
            made = RowButton(f"R{each.revision}", partial(self._go, each.id, current))
            made.setObjectName(f"contract.revision.{each.revision}")
            chip = Chip(lookup.state("contract", each.state), TONES[each.state])
            made.setLayout(
                row(words(f"R{each.revision}", "strong" if each.id == current else ""), chip, None,
                    words(fmt.ago(each.updated_at), "faint"), margins=(4, 3, 4, 3))
            )  # fmt: skip
            self._list.addWidget(made)
            for decision in (d for d in decisions if d.revision == each.revision):
                said = lookup.action("contract", decision.verdict)
                line = f"{tr(texts.STEPS[decision.step])} · {decision.by} · {said}"
                self._list.addWidget(words(line, "small", wrap=True))
                if decision.comment:
                    self._list.addWidget(words(f"“{decision.comment}”", "faint", wrap=True))

    def _go(self, contract_id: UUID, current: UUID) -> None:
        if contract_id != current:
            self._ctx.nav.open("contract", contract_id)
