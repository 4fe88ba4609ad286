"""The head of a case page: phases, the next step with who owes it, and what the case is worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QVBoxLayout

from presales_desktop.models.progress import PIPELINE, Phase
from presales_desktop.services.cases import CaseWhole
from presales_desktop.texts import lookup, tr
from presales_desktop.views.cases.phase_bar import PhaseBar
from presales_desktop.views.cases.words import due_words, step_words, who_words
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import Elided, button, column, row, words
from presales_desktop.views.kit.panels import Figure, KeyFigures
from presales_desktop.views.kit.states import Chip

_BY_KIND = {"survey": Phase.SURVEY, "design": Phase.DESIGN, "quote": Phase.QUOTE, "contract": Phase.CONTRACT}


def furthest(found: CaseWhole) -> str:
    """The furthest station that the case reached, whatever became of it."""
    reached = [PIPELINE.index(_BY_KIND[item.kind]) for item in found.items]
    return PIPELINE[max(reached, default=0)].value


class CaseOverview(QFrame):
    """`go` leads to where the next step is done."""

    def __init__(self, go: Callable[[], None], open_customer: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("case.overview")
        self.phases = PhaseBar()
        self._what = words("", "section", wrap=True)
        self._what.setObjectName("case.next")
        self._who = words("", "secondary")
        self._due = Chip()
        self._go = button("", go, look="link", name="case.next.go")
        self._customer = button("", open_customer, look="link", icon="building-2", name="case.customer.open")
        self._contact = Elided("", "secondary")
        self._figures = KeyFigures()
        left = column(words(tr("下一步"), "small"), self._what, gap=3)
        left.addLayout(row(self._who, self._due, self._go, None, gap=10))
        who = row(self._customer, gap=8)
        who.addWidget(self._contact, 1)
        left.addLayout(who)
        middle = row(gap=24)
        middle.addLayout(left, 1)
        middle.addWidget(self._figures)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(self.phases)
        whole.addLayout(middle)

    def show_case(self, found: CaseWhole, today: dt.date, go_title: str) -> None:
        """Bring everything up to date; GO_TITLE names the thing that the next step is done on, "" for none."""
        self.phases.set_phase(found.phase, furthest(found))
        step = found.next
        if step is None:
            done = {"won": tr("项目已成交"), "lost": tr("项目已流失")}[found.phase]
            self._what.setText(f"{done}：{found.outcome_reason}" if found.outcome_reason else done)
        else:
            self._what.setText(step_words(step.action, step.text))
        self._who.setText(who_words(step.who, found.next_person) if step else "")
        self._who.setVisible(step is not None)
        said, tone = fmt.due(step.due, today) if step else ("", "neutral")
        self._due.set(due_words(step.due, today) if step else "", tone)
        self._due.setVisible(bool(said))
        self._go.setText(go_title)
        self._go.setVisible(bool(go_title))
        # A name of forty letters may not push the phases off a narrow window.
        self._customer.setText(found.customer)
        self._customer.setMinimumWidth(80)
        contact = found.contact
        self._contact.setText(
            " · ".join(p for p in (contact.name, contact.title, contact.phone) if p) if contact else ""
        )
        self._figures.set_figures(_figures(found))


def _figures(found: CaseWhole) -> list[Figure]:
    source = next(
        (i.kind for i in found.items if i.kind in ("contract", "quote") and i.amount_fen == found.amount_fen), ""
    )
    note = lookup.kind_title(source) if source else (tr("预计") if found.amount_fen is not None else "")
    figures = [Figure(fmt.money_short(found.amount_fen), tr("金额"), note=note)]
    if found.expected_on is not None:
        figures.append(Figure(found.expected_on.strftime("%m-%d"), lookup.label("case", "expected_on")))
    return figures
