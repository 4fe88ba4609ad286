"""The right column of a quote: margin for those who may see it, the decision, what the catalogue changed, what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from presales_desktop.models.quote_pricing import Margins
from presales_desktop.models.quotes import QuotePolicy
from presales_desktop.services import quote_lines
from presales_desktop.services.quote_drafts import FactChange
from presales_desktop.services.quote_lines import OfferedLine
from presales_desktop.services.quotes import QuoteShown, SendRow
from presales_desktop.texts import lookup, tr
from presales_desktop.texts.quotes import BANDS
from presales_desktop.views.kit import events, jobs, shortcuts
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.basics import Elided, button, clear, column, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.panels import ApprovalPanel, RowButton, SidePanel, StepRow
from presales_desktop.views.kit.states import Chip
from presales_desktop.views.kit.typed import money_text
from presales_desktop.views.quotes.words import blocked_sentence

# by the chip of the state, and by the bar over the page
_TOLD_ELSEWHERE = frozenset({"quote.not_approved", "quote.design_not_passed"})
_BAND_TONES = {"good": "good", "watch": "amber", "bad": "bad"}


class MarginPanel(SidePanel):
    """Margin of the whole, live; exists only for those with cost.view."""

    def __init__(self) -> None:
        super().__init__(tr("毛利"), key="quote.margin")
        self.setObjectName("quote.margin")
        self._figure = words("—", "figure")
        self._figure.setObjectName("quote.margin.figure")
        self._facts = words("", "secondary", wrap=True)
        self._hint = words("", "amber", wrap=True)
        for part in (self._figure, self._facts, self._hint):
            self.body.addWidget(part)

    def show_margins(self, margins: Margins, policy: QuotePolicy, *, frozen: bool, drift: str = "") -> None:
        """Figures of MARGINS against the POLICY's floor."""
        low = margins.margin is not None and margins.margin < policy.margin_floor
        self._figure.setText(formats.percent(margins.margin))
        self._figure.setProperty("tone", "bad" if low else "good")
        self._figure.style().polish(self._figure)
        said = tr("毛利 {profit} · 净额 {net} · 成本 {cost}")
        facts = said.format(
            profit=formats.money(margins.profit_fen), net=formats.money(margins.net_fen), cost=formats.money(margins.cost_fen)
        )  # fmt: skip
        basis = tr("按提交时的成本，不含税") if frozen else tr("按今天的成本，不含税")
        self._facts.setText(f"{facts}\n{basis}")
        hints = []
        if low:
            hints.append(tr("低于底线 {floor}。", floor=formats.percent(policy.margin_floor)))
        if margins.missing:
            hints.append(tr("{n} 行没有成本，未计入。", n=margins.missing))
        if drift:
            hints.append(tr("提交后成本变动 {drift}。", drift=drift))
        self._hint.setText("".join(hints))
        self._hint.setVisible(bool(hints))


class DecisionPanel(ApprovalPanel):
    """Steps of the approval; for who may decide now, a remark and the three verdicts.

    DECIDE(verdict, remark) is called for a button; returning and rejecting without a remark only puts the keyboard there.
    """

    def __init__(self, decide: Callable[[str, str], object]) -> None:
        super().__init__()
        self.setObjectName("quote.approvals")
        self._decide = decide
        self._band = Chip("", "neutral")
        self._band.hide()
        self.remark = QPlainTextEdit()
        self.remark.setObjectName("quote.remark")
        self.remark.setAccessibleName(tr("审批意见"))
        self.remark.setPlaceholderText(tr("审批意见（退回、驳回必填）"))
        self.remark.setTabChangesFocus(True)
        self.remark.setFixedHeight(64)
        self._why = words("", "bad", wrap=True)
        self._why.hide()
        self._buttons = [
            button(tr("通过"), lambda: self.decide("approve"), look="primary", name="quote.approve", tip="Ctrl+Enter"),
            button(tr("退回"), lambda: self.decide("return"), name="quote.return", tip="Ctrl+Shift+R"),
            button(tr("驳回"), lambda: self.decide("reject"), look="quiet", name="quote.reject", tip="Ctrl+Shift+J"),
        ]
        self.body.addWidget(self._band)
        self.body.addWidget(self.remark)
        self.body.addWidget(self._why)
        self._line = row(*self._buttons, None, gap=6)
        self.body.addLayout(self._line)

    def register_keys(self, page: object) -> None:
        """Returning and rejecting by keyboard, from anywhere on the page."""
        shortcuts.register(page, "Ctrl+Shift+R", tr("退回"), lambda: self.decide("return"))  # type: ignore[arg-type]
        shortcuts.register(page, "Ctrl+Shift+J", tr("驳回"), lambda: self.decide("reject"))  # type: ignore[arg-type]

    def show_quote(self, shown: QuoteShown | None) -> None:
        """Steps, remarks, and the buttons for who may."""
        steps = shown.approvals if shown is not None and shown.state != "draft" else ()
        waiting = shown is not None and shown.state == "submitted"
        self.set_steps(
            [StepRow(s.step, s.who, s.verdict or "", s.comment, s.at, waiting=waiting and not s.verdict) for s in steps]
        )
        mine = any(s.may.allowed for s in steps)
        for part in (self.remark, *self._buttons):
            part.setVisible(mine)
        if not mine:
            self.remark.clear()
        self._why.hide()
        band = shown.margin_band if shown is not None else ""
        self._band.setVisible(bool(band))
        if band:
            self._band.set(tr(BANDS[band]), _BAND_TONES[band])

    @property
    def can_decide(self) -> bool:
        """Whether the buttons are there."""
        return not self.remark.isHidden()

    def decide(self, verdict: str) -> None:
        """A verdict with the remark that was typed."""
        if not self.can_decide:
            return
        said = self.remark.toPlainText().strip()
        if verdict != "approve" and not said:
            self._why.setText(lookup.sentence("approval.comment_required", {}))
            self._why.show()
            self.set_open(True)
            self.remark.setFocus()
            return
        self._why.hide()
        self._decide(verdict, said)


class ChangesPanel(SidePanel):
    """What the catalogue says differently since the lines were made, and the button that takes it over."""

    def __init__(self, take_over: Callable[[], object]) -> None:
        super().__init__(tr("目录有变化"), key="quote.changes")
        self.setObjectName("quote.changes")
        self._list = column(gap=4)
        self._button = button(tr("全部采用"), take_over, name="quote.take_over", icon="refresh-cw")
        self.body.addLayout(self._list)
        self.body.addLayout(row(self._button, None))

    def show_changes(self, changes: Sequence[FactChange], *, editable: bool) -> None:
        """One line for each fact; hidden when there is none."""
        clear(self._list)
        self.setVisible(bool(changes))
        self.set_note(str(len(changes)) if changes else "")
        self._button.setVisible(editable and any(not c.gone for c in changes))
        for change in changes[:30]:
            self._list.addWidget(words(change_text(change), "small", wrap=True))


def change_text(change: FactChange) -> str:
    """A change as a sentence."""
    if change.gone:
        return tr("{name}：已停产或已删除", name=change.name)
    said = [_value(change.field, v) for v in (change.before, change.now)]
    label = lookup.label("quote_line", change.field)
    return tr("{name}：{label} {before} → {now}", name=change.name, label=label, before=said[0], now=said[1])


def _value(field: str, value: object) -> str:
    if value is None or value == "":
        return "—"
    return f"¥{money_text(value)}" if field.endswith("_fen") and isinstance(value, int) else str(value)


class SendsPanel(SidePanel):
    """What went to the customer, when, how and to whom; and what keeps the quote from going."""

    def __init__(self) -> None:
        super().__init__(tr("发送记录"), key="quote.sends")
        self.setObjectName("quote.sends")
        self._blocked = words("", "amber", wrap=True)
        self._list = column(gap=8)
        self.body.addWidget(self._blocked)
        self.body.addLayout(self._list)

    def show_quote(self, shown: QuoteShown | None) -> None:
        """Records of the whole family, newest first."""
        sends = shown.sends if shown is not None else ()
        blocked = [code for code in (shown.blocked if shown is not None else ()) if code not in _TOLD_ELSEWHERE]
        clear(self._list)
        self._blocked.setVisible(bool(blocked))
        if shown is not None and blocked:
            self._blocked.setText("\n".join(blocked_sentence(shown, code) for code in blocked))
        self.setVisible(bool(sends or blocked))
        self.set_note(str(len(sends)) if sends else "")
        for each in sends:
            self._list.addWidget(words(send_text(each), "small", wrap=True, selectable=True))


class HistoryPanel(SidePanel):
    """At which prices the current line's product was offered before: to this customer first."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(tr("历史报价"), key="quote.history")
        self.setObjectName("quote.history")
        self._ctx = ctx
        self._asked: UUID | None = None
        self._list = column(gap=4)
        self.body.addLayout(self._list)
        self.hide()

    def show_for(self, variant_id: UUID | None, customer_id: UUID | None, besides: str) -> None:
        """Look up VARIANT_ID in other quotes than the one numbered BESIDES; nothing for a free line."""
        if variant_id == self._asked:
            return
        self._asked = variant_id
        if variant_id is None:
            self.hide()
            return
        jobs.start(self, self._read(variant_id, customer_id, besides))

    async def _read(self, variant_id: UUID, customer_id: UUID | None, besides: str) -> None:
        rows = await self._ctx.db.run(quote_lines.history, variant_id, customer_id, besides)
        if variant_id != self._asked:
            return
        clear(self._list)
        self.setVisible(bool(rows))
        for each in rows:
            self._list.addWidget(self._row(each, own=each.customer_id == customer_id))

    def _row(self, each: OfferedLine, *, own: bool) -> QWidget:
        made = RowButton(each.label, lambda: self._ctx.nav.open("quote", each.quote_id))
        inner = row(margins=(6, 3, 4, 3))
        made.setLayout(inner)
        price = formats.money(each.unit_price_fen, currency=each.currency)
        if each.discount_percent:
            price += f" −{formats.percent(each.discount_percent, 0)}"
        state = lookup.state("quote", each.state)
        under = f"{each.label} · {state} · {formats.ago(each.updated_at)}"
        told = column(
            Elided(each.customer if not own else tr("本客户"), "strong" if own else ""), Elided(under, "small"), gap=0
        )
        inner.addLayout(told, 1)
        inner.addWidget(words(price))
        return made


def send_text(each: SendRow) -> str:
    """A sending as two lines."""
    via = lookup.choice("quote", "via", each.via)
    first = tr("R{revision} · {via} → {recipient}", revision=each.revision, via=via, recipient=each.recipient)
    return f"{first}\n{formats.moment(each.at)} · {each.who} · {each.file_sha256[:8]}"


def step_word(step: str) -> str:
    """The word of an approval's step."""
    return events.step_word(step)
