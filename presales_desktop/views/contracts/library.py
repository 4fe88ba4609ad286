"""The clause library: its list with what art. 470 asks of it, and the page of one clause with its editions and the contracts that hold it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.services import clause_library
from presales_desktop.services.clause_library import ClauseRow, ClauseUse, ClauseWhole, EditionRow, PartCover
from presales_desktop.services.clauses import FIELDS, LibraryDraft
from presales_desktop.services.work import ChangeSet, Work
from presales_desktop.texts import contracts as texts
from presales_desktop.texts import language, lookup, tr
from presales_desktop.views.contracts.changes import pieces_label
from presales_desktop.views.contracts.list import TONES
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs, tokens
from presales_desktop.views.kit.basics import button, clear, column, row, words
from presales_desktop.views.kit.columns import Column, choice_text, state_chip
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListPage, ListSpec, SavedView
from presales_desktop.views.kit.panels import RelatedPanel, RelatedRow
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.kit.states import Chip

STATE_TONES: Final = {"in_use": "good", "retired": "neutral"}
_IN_USE = ("state", "in_use")


class LibraryPage(ListPage):
    """The list; above it the eight contents of art. 470, each with how many clauses in use give it."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(ctx, _spec())
        self.cover = CoverBar(self)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(1, self.cover)
        ctx.bus.changed.connect(self._cover_changed)
        self._read_cover()

    def _cover_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if "clause" in changes.kinds:
            self._read_cover()

    def _read_cover(self) -> None:
        jobs.start(self, self._show_cover())

    async def _show_cover(self) -> None:
        self.cover.show_parts(await self.ctx.db.run(clause_library.coverage))


class CoverBar(QFrame):
    """The contents of art. 470; a click shows the clauses of one."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__()
        self._page = page
        self.setObjectName("clauses.cover")
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        self._missing = words("", "amber", wrap=True)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(tokens.MARGIN, 0, tokens.MARGIN, 6)
        inner.setSpacing(4)
        inner.addLayout(self._row)
        inner.addWidget(self._missing)

    def show_parts(self, parts: Sequence[PartCover]) -> None:
        """Show PARTS."""
        clear(self._row)
        self._row.addWidget(words(tr("必备内容"), "small"))
        for each in parts:
            word = tr(texts.PARTS_SHORT[each.part])
            said = word if not each.clauses else f"{word} {len(each.clauses)}"
            made = button(said, self._filter(each.part), look="link", name=f"clauses.cover.{each.part}")
            made.setToolTip(_said(each))
            made.setAccessibleName(_said(each))
            if not each.covered:
                made.setStyleSheet(f"color: {tokens.color('bad').name()};")
            self._row.addWidget(made)
        self._row.addStretch(1)
        gone = [tr(texts.PARTS[p.part]) for p in parts if not p.covered]
        self._missing.setText(
            tr("条款库里没有“{names}”的在用条款：新合同会因缺少必备内容而不能提交。", names=tr("、").join(gone))
        )
        self._missing.setVisible(bool(gone))

    def _filter(self, part: str) -> Any:
        return lambda: self._page.set_filters(state="in_use", part=part)


def _said(each: PartCover) -> str:
    part = tr(texts.PARTS[each.part])
    if each.clauses:
        return f"{part}：{tr('、').join(each.clauses)}"
    if each.given:
        return tr("{part}：由合同首部和标的表给出", part=part)
    return tr("{part}：没有在用条款", part=part)


class Preview(QWidget):
    """The clause's words at a glance."""

    def __init__(self, ctx: ViewContext, row_: ClauseRow) -> None:
        super().__init__()
        self._ctx, self._id = ctx, row_.id
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(8)
        self._body.setAlignment(Qt.AlignmentFlag.AlignTop)
        jobs.start(self, self._load())

    async def _load(self) -> None:
        shown = await self._ctx.db.run(clause_library.show, self._id)
        clear(self._body)
        english = language() == "en" and bool(shown.body_en)
        chip = Chip(lookup.state("clause", shown.state), STATE_TONES[shown.state])
        self._body.addLayout(row(words(tr("第 {n} 版", n=shown.edition), "secondary"), None, chip))
        self._body.addWidget(words(shown.heading_en if english else shown.heading, "section", wrap=True))
        self._body.addWidget(words(shown.use_when, "secondary", wrap=True))
        self._body.addWidget(words(shown.body_en if english else shown.body, wrap=True, selectable=True))


def library_page(ctx: ViewContext) -> QWidget:
    """The page behind 条款库 in the rail."""
    return LibraryPage(ctx)


def _spec() -> ListSpec:
    return ListSpec(
        key="clauses",
        kind="clause",
        title="条款库",
        icon="book-open",
        columns=(
            Column("heading", "标题", 220, strong=True, stretch=True, text=_heading, detail=_when),
            Column("part", "对应的必备内容", 150, format=choice_text("clause", "part"), sortable=False),
            Column("pick", "何时自动选用", 120, text=_pick, sortable=False, tone=lambda _: "secondary"),
            Column("edition", "版次", 70, align="right"),
            Column("contracts", "使用的合同", 90, align="right", text=lambda r: str(r.contracts or "")),
            Column("state", "状态", 90, chip=state_chip("clause", STATE_TONES), sortable=False),
            Column("owner", "归口部门", 90, text=lambda r: tr(r.owner), sortable=False, hidden=True),
            Column("key", "编号", 120, tone=lambda _: "secondary", hidden=True),
            Column("updated_at", "更新时间", 110, format=fmt.ago, tone=lambda _: "secondary"),
        ),
        query=clause_library.list_rows,
        views=(
            SavedView("在用", (_IN_USE,), "sort"),
            SavedView("本公司改过", (_IN_USE, ("changed", "1")), "-updated_at"),
            SavedView("已停用", (("state", "retired"),), "-updated_at"),
        ),
        filters=(
            FilterChoice("part", "对应的必备内容", lambda: [(v, tr(w)) for v, w in texts.PARTS.items()]),
            FilterChoice("pick", "何时自动选用", lambda: [(v or "none", tr(w)) for v, w in texts.PICKS.items()]),
        ),
        empty=EmptyText("book-open", "没有这样的条款", "条款库由法务维护；起草合同时从这里选用。"),
        new_right="clause.edit",
        new_title="新建条款",
        preview=Preview,
        also=("contract",),
        search_hint="搜索标题、内容或适用情形",
    )


def _heading(row_: Any) -> str:
    return str(row_.heading_en if language() == "en" and row_.heading_en else row_.heading)


def _when(row_: Any) -> str:
    from presales_desktop.models.contracts import use_when_english

    return use_when_english().get(row_.use_when, row_.use_when) if language() == "en" else str(row_.use_when)


def _pick(row_: Any) -> str:
    return tr(texts.PICKS.get(row_.pick, row_.pick))


# ------------------------------------------------------------------------------------------------- one clause


def _both(work: Work, clause_id: UUID) -> tuple[LibraryDraft, ClauseWhole]:
    return clause_library.load(work, clause_id), clause_library.show(work, clause_id)


class ClauseEditor(EditorPage):
    """A clause. Saving makes its next edition; contracts keep the one that they have."""

    def __init__(
        self, ctx: ViewContext, kind: str, record_id: UUID | None, initial: dict[str, Any] | None = None
    ) -> None:
        self.whole: ClauseWhole | None = None
        super().__init__(ctx, kind, record_id, initial)

    async def load(self) -> LibraryDraft:
        """The newest edition."""
        if self.record_id is None:
            return await self.ctx.db.run(clause_library.new_draft, self.initial)
        draft, self.whole = await self.ctx.db.run(_both, self.record_id)
        return draft

    def build(self) -> None:
        """What it is, its words, the English; editions and contracts beside."""
        names = {f.name: f for f in FIELDS}
        facts = [names[n] for n in ("heading", "part", "pick", "use_when", "owner", "key")]
        self.facts = Form(self.ctx, self.draft, facts, "clause", wide=("heading", "use_when"))
        self.text = Form(self.ctx, self.draft, [names["body"]], "clause", columns=1)
        self.english = Form(self.ctx, self.draft, [names["heading_en"], names["body_en"]], "clause", columns=1)
        self.add_section(tr("条款"), self.facts, wide=True)
        self.words = self.add_section(lookup.label("clause", "body"), self.text, wide=True)
        self.add_section(tr("英文参考译文"), self.english, wide=True)
        for form, name, least in ((self.text, "body", 220), (self.english, "body_en", 160)):
            form.widget(name).setMinimumHeight(least)
        self.editions = EditionsPanel()
        self.uses = RelatedPanel(self.ctx, tr("使用它的合同"))
        self.add_side(self.editions)
        self.add_side(self.uses)

    def heading(self) -> Heading:
        """Key and heading, the edition as a chip."""
        if self.whole is None:
            return Heading("", self.draft.get("heading"), None)
        chip = (lookup.state("clause", self.whole.state), STATE_TONES[self.whole.state])
        return Heading(self.whole.key, self.draft.get("heading"), chip, tr("第 {n} 版", n=self.whole.edition))

    def refresh(self) -> None:
        """Panels after each load and save."""
        self.facts.set_field_read_only("key", self.record_id is not None or self.read_only())
        if self.whole is None:
            return
        self.words.set_note(tr("保存后成为第 {n} 版，已有的合同保持原来的版次", n=self.whole.edition + 1))
        self.editions.show_editions(self.whole.editions)
        self.uses.set_rows([_use_row(use, self.whole.edition) for use in self.whole.uses])

    def read_only(self) -> bool:
        """Only legal writes the library."""
        return not self.ctx.may("clause.edit").allowed

    async def save(self, value: LibraryDraft) -> UUID:
        """As the next edition."""
        return await self.ctx.db.run(clause_library.save, value, initiator=self)

    def steps(self) -> list[Step]:
        """Out of use, and back."""
        if self.whole is None or self.read_only():
            return []
        if self.whole.state == "retired":
            return [Step(action="restore", title=tr("恢复使用"), callback=self._restore, icon="rotate-ccw")]
        return [Step(action="retire", title=tr("停用"), callback=self._retire, icon="box", saves=True)]

    async def _retire(self) -> None:
        assert self.whole is not None
        alone = [
            tr(texts.PARTS[p.part])
            for p in await self.ctx.db.run(clause_library.coverage)
            if not p.given and p.clauses == (self.whole.heading,)
        ]
        hint = tr("新合同不再选用它；已有的合同不变。")
        if alone:
            hint += tr("它是“{part}”唯一的在用条款：停用后新合同会缺少这一必备内容。", part=alone[0])
        reason = await ask_text(self, tr("停用条款"), tr("原因"), primary=tr("停用"), hint=hint, name="clause.retire")
        if reason is not None:
            await self.ctx.db.run(clause_library.do, self.record_id, "retire", {"reason": reason}, initiator=self)

    async def _restore(self) -> None:
        await self.ctx.db.run(clause_library.do, self.record_id, "restore", {}, initiator=self)


def _use_row(use: ClauseUse, newest: int) -> RelatedRow:
    said = tr("第 {n} 版", n=use.edition)
    if use.edition != newest:
        said = tr("旧版（第 {n} 版）", n=use.edition)
    if use.altered:
        said = f"{said} · {tr('在合同中改过')}"
    chip = (lookup.state("contract", use.state), TONES[use.state])
    return RelatedRow("contract", use.contract_id, use.title, f"{use.label} · {said}", chip)


class EditionsPanel(SidePanel):
    """The editions, newest first; each with what it changed."""

    def __init__(self) -> None:
        super().__init__(tr("版次"), key="editions")
        self._list = column(gap=10)
        self.body.addLayout(self._list)

    def show_editions(self, editions: Sequence[EditionRow]) -> None:
        """Show EDITIONS."""
        clear(self._list)
        self.set_note(str(len(editions)))
        for each in editions:
            self._list.addWidget(_edition(each))


def _edition(each: EditionRow) -> QWidget:
    made = QWidget()
    inner = QVBoxLayout(made)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(2)
    head = row(words(tr("第 {n} 版", n=each.edition), "strong"), gap=8)
    if not each.active:
        head.addWidget(Chip(lookup.state("clause", "retired"), "neutral"))
    head.addStretch(1)
    inner.addLayout(head)
    said = f"{each.by} · {fmt.moment(each.at)}" if each.at is not None else tr("随程序提供")
    inner.addWidget(words(said, "small", wrap=True))
    if each.pieces:
        inner.addWidget(pieces_label(each.pieces))
    return made


__all__ = ["ClauseEditor", "LibraryPage", "library_page"]
