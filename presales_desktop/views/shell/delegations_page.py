"""审批委托: hand your decisions to a colleague for a period, see who stands in for whom, take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from presales_desktop.models.delegations import FIELDS, Delegation
from presales_desktop.models.errors import PresalesError, ValidationError
from presales_desktop.services import delegations
from presales_desktop.texts import lookup, tr
from presales_desktop.texts.delegations import PHASES, RIGHTS
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs, shortcuts, tokens
from presales_desktop.views.kit.basics import button, clear, column, frame, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.editor_parts import Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.states import ErrorBar

if TYPE_CHECKING:
    from presales_desktop.services.delegations import Candidate, DelegationRow
    from presales_desktop.services.work import ChangeSet

_ICONS = {"planned": ("clock", "secondary"), "running": ("circle-check", "good"), "over": ("circle", "secondary"), "revoked": ("undo-2", "secondary")}  # fmt: skip
_SHOWN = 50


class DelegationsPage(QWidget):
    """See the module."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.setObjectName("delegations")
        self.setWindowTitle(tr("审批委托"))
        self.error_bar = ErrorBar()
        self.form: Form | None = None
        self.draft: Draft | None = None
        self._head = frame("panel")
        self._head_box = column(gap=10, margins=(16, 14, 16, 14))
        self._head.setLayout(self._head_box)
        self._list = frame("panel")
        self._rows = column(gap=0, margins=(0, 4, 0, 4))
        listing = column(words(tr("我委托的和委托给我的"), "section"), gap=6, margins=(16, 12, 16, 14))
        listing.addLayout(self._rows)
        self._list.setLayout(listing)
        inner = QWidget()
        inner.setLayout(
            column(
                self._head, self._list, None, gap=tokens.GAP, margins=(tokens.MARGIN, 14, tokens.MARGIN, tokens.MARGIN)
            )
        )
        inner.setMaximumWidth(1100)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        self.setLayout(column(self.error_bar, area, gap=0))
        shortcuts.register(self, "F5", tr("刷新"), self.reload)
        shortcuts.register(self, "Ctrl+Return", tr("委托"), self.hand_over)
        ctx.bus.changed.connect(self._bus_changed)
        self.reload()

    def steps(self) -> list[Step]:
        """For the palette."""
        if self.form is None:
            return []
        return [Step(action="hand_over", title=tr("委托"), callback=self.hand_over, icon="user-round", primary=True)]

    def first_focus(self) -> QWidget:
        """Where the keyboard starts."""
        return self.form.widget("delegate_id") if self.form is not None else self

    # showing

    def _bus_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if Delegation.KIND in changes.kinds:
            jobs.start(self, self._load_rows())

    def reload(self) -> None:
        """Everything anew."""
        jobs.start(self, self._load())

    async def _load(self) -> None:
        candidates = await self.ctx.db.run(delegations.candidates)
        own = await self.ctx.db.run(delegations.own_rights)
        fresh = await self.ctx.db.run(delegations.new_draft, {})
        self._show_form(candidates, own, fresh)
        await self._load_rows()

    async def _load_rows(self) -> None:
        from presales_desktop.services.listing import ListQuery

        query = ListQuery(filters=(("mine", "1"),), limit=_SHOWN)
        self._show_rows((await self.ctx.db.run(delegations.list_rows, query)).rows)

    def _show_form(self, candidates: tuple[Candidate, ...], own: tuple[str, ...], fresh: Any) -> None:
        clear(self._head_box)
        self.form = self.draft = None
        self._head_box.addWidget(words(tr("把审批委托给同事"), "section"))
        if not own or not candidates:
            text = (
                tr("您没有可以委托的审批事项。") if not own else tr("没有同事能代您审批：受托人须能看到全部客户，财务审核还须能看到成本。")
            )  # fmt: skip
            self._head_box.addWidget(words(text, "secondary", wrap=True))
            return
        told = tr("委托期间双方都可以审批；同一份单据仍须由不同的人审批，谁写的谁不能批。记录上写明“某某（代 某某）”。")
        self._head_box.addWidget(words(told, "secondary", wrap=True))
        self.draft = Draft(fresh, self)
        fields = [replace(f, choices=own) if f.name == "rights" else f for f in FIELDS]
        self.form = Form(self.ctx, self.draft, fields, Delegation.KIND, columns=3, wide=("rights", "reason"))
        self._head_box.addWidget(self.form)
        names = "、".join(c.name for c in candidates)
        last = row(
            words(tr("可以代您审批的同事：{names}", names=names), "small", wrap=True), None,
            button(tr("委托"), self.hand_over, look="primary", icon="user-round", name="delegations.hand_over",
                   tip=shortcuts.shown("Ctrl+Return")),
        )  # fmt: skip
        self._head_box.addLayout(last)

    def _show_rows(self, rows: tuple[DelegationRow, ...]) -> None:
        clear(self._rows)
        if not rows:
            self._rows.addWidget(words(tr("还没有委托。"), "secondary"))
        for each in rows:
            self._rows.addLayout(self._line(each))

    def _line(self, each: DelegationRow) -> QHBoxLayout:
        icon, tone = _ICONS[each.phase]
        who = tr("委托给 {name}", name=each.delegate) if each.mine else tr("{name} 委托给我", name=each.principal)
        what = "、".join(tr(RIGHTS[right]) for right in each.rights)
        when = f"{formats.day(each.from_day)} – {formats.day(each.to_day)}"
        text: QVBoxLayout = column(gap=1)
        text.addWidget(words(f"{who}　{when}", "", selectable=True))
        text.addWidget(words("　".join(filter(None, (what, each.reason))), "small", wrap=True))
        line = row(gap=10, margins=(0, 6, 0, 6))
        line.addWidget(icon_label(icon, tokens.ICON, tone), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(text, 1)
        line.addWidget(words(tr(PHASES[each.phase]), "secondary"))
        if each.mine and each.phase in ("planned", "running"):
            take_back = button(tr("收回委托"), lambda: self.revoke(each.id), icon="undo-2", name="delegations.revoke")
            take_back.setAccessibleName(tr("收回给 {name} 的委托", name=each.delegate))
            line.addWidget(take_back)
        return line

    # doing

    def hand_over(self) -> None:
        """What the form says."""
        if self.form is None or self.draft is None:
            return
        self.form.commit()
        problems = self.form.local_problems()
        if problems:
            self.form.set_problems(problems)
            return
        jobs.start(self, self._hand_over(self.draft.value), self._refused)

    async def _hand_over(self, wanted: Any) -> None:
        await self.ctx.db.run(delegations.save, wanted)
        self.error_bar.clear()
        self.ctx.nav.toast(tr("已委托。"), tone="good")
        await self._load()

    def revoke(self, delegation_id: Any) -> None:
        """At once."""
        jobs.start(self, self._revoke(delegation_id), self._refused)

    async def _revoke(self, delegation_id: Any) -> None:
        await self.ctx.db.run(delegations.revoke, delegation_id)
        self.ctx.nav.toast(tr("已收回委托。"), tone="good")
        await self._load_rows()

    def _refused(self, error: BaseException) -> None:
        if isinstance(error, ValidationError) and self.form is not None:
            self.form.set_problems(error.problems)
            self.error_bar.show_text("；".join(lookup.problem_text(p, Delegation.KIND) for p in error.problems))
        elif isinstance(error, PresalesError):
            self.ctx.nav.show_error(error, self)
        else:
            raise error
