"""The clauses of a contract: numbered list at the left, the chosen one with its blanks filled as it will be printed at the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from presales_desktop.models.contract_text import PLACEHOLDERS, fill, open_placeholders
from presales_desktop.models.contracts import CLAUSE_FIELDS, ClauseDraft, LibraryClause
from presales_desktop.models.errors import Problem
from presales_desktop.services import clauses as library
from presales_desktop.texts import contracts as texts
from presales_desktop.texts import language, lookup, tr
from presales_desktop.views.kit import jobs, tokens
from presales_desktop.views.kit.basics import Elided, button, clear, column, icon_button, icon_label, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.paragraph import Paragraph
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.search_edit import SearchEdit
from presales_desktop.views.kit.states import Chip

_BY_NAME = {f.name: f for f in CLAUSE_FIELDS}
_LIST_WIDTH = 250
_REST_MS = 200


class ClauseCard(QWidget):
    """The clause at INDEX: heading, what it fulfils, text, blanks, and how it will be printed."""

    def __init__(self, ctx: ViewContext, draft: Draft, index: int, values: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._draft, self._values, self.index = draft, values, index
        self.prefix = f"clauses.{index}."
        fields = [_BY_NAME[n] for n in ("heading", "part", "body")]
        self.form = Form(ctx, draft, fields, "contract_clause", columns=2, prefix=self.prefix)
        self.form.setObjectName("contract.clause.form")
        body = self.form.widget("body")
        if isinstance(body, QPlainTextEdit):
            body.setAccessibleDescription(tr("空格写成【名称】，会自动填写"))
        self._body = body
        self._origin = words("", "faint", wrap=True)
        self._insert = button(tr("插入自动填写项"), self._menu, look="link", icon="plus", name="contract.clause.blank")
        self._blanks = words("", "amber", wrap=True)
        self._print = words("", wrap=True, selectable=True)
        self._print.setObjectName("contract.clause.print")
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self.form)
        inner.addLayout(row(self._origin, None, self._insert))
        inner.addWidget(self._blanks)
        inner.addWidget(line())
        inner.addWidget(words(tr("打印效果"), "small"))
        inner.addWidget(self._print)
        inner.addStretch(1)
        draft.changed.connect(self._changed)
        self.show_print()

    def _changed(self, path: str) -> None:
        if path.startswith(self.prefix) or not path.startswith("clauses."):
            self.show_print()

    def _clause(self) -> ClauseDraft | None:
        found = self._draft.value.clauses
        return found[self.index] if self.index < len(found) else None

    def show_print(self) -> None:
        """The text with its blanks filled, and which stay open."""
        clause = self._clause()
        if clause is None:
            return
        values = self._values()
        self._print.setText(fill(clause.body.strip(), values) or "—")
        open_ = open_placeholders(clause.heading + "\n" + clause.body, values)
        self._blanks.setText(tr("还没填的空：{names}", names=tr("、").join(f"【{n}】" for n in open_)))
        self._blanks.setVisible(bool(open_))
        origin = tr("条款库：{key} 第 {n} 版", key=clause.key, n=clause.edition) if clause.key else tr("本合同专用条款")
        self._origin.setText(origin)

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        values = self._values()
        for name in PLACEHOLDERS:
            shown = values.get(name, "")
            menu.addAction(f"【{name}】  {shown[:24]}", partial(self.insert, name))
        menu.popup(self._insert.mapToGlobal(self._insert.rect().bottomLeft()))

    def insert(self, name: str) -> None:
        """Put a blank where the cursor stands."""
        if isinstance(self._body, QPlainTextEdit):
            self._body.insertPlainText(f"【{name}】")
            self._body.setFocus()

    def set_read_only(self, on: bool) -> None:
        """Frozen."""
        self.form.set_read_only(on)
        self._insert.setVisible(not on)


class Clauses(QWidget):
    """All clauses; VALUES() answers what the blanks stand for. `current` is the shown one."""

    def __init__(self, ctx: ViewContext, draft: Draft, page: QWidget, values: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._ctx, self._draft, self._page, self._values = ctx, draft, page, values
        self.current = 0
        self.card: ClauseCard | None = None
        self._read_only = draft.read_only
        self._marked: frozenset[int] = frozenset()
        self._rows: list[RowButton] = []
        self._list = column(gap=0)
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        left = QWidget()
        left.setFixedWidth(_LIST_WIDTH)
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 0, 0)
        side.addLayout(self._list)
        side.addStretch(1)
        self._editing = QWidget()
        both = QHBoxLayout(self._editing)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(tokens.GAP)
        both.addWidget(left)
        both.addWidget(line(vertical=True))
        both.addLayout(self._place, 1)
        # Reviewers read the whole text in one go, as it will be printed.
        self._reading = QWidget()
        self._reading.setObjectName("contract.reading")
        self._reading.hide()
        self._text = QVBoxLayout(self._reading)
        self._text.setContentsMargins(0, 0, 0, 0)
        self._text.setSpacing(4)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._editing)
        whole.addWidget(self._reading)
        self.add_button = button(
            tr("从条款库插入"), self.open_library, look="link", icon="book-open", name="contract.library"
        )
        self.new_button = button(tr("自拟条款"), self.add_own, look="link", icon="plus", name="contract.clause.new")
        # While a heading is typed, the list beside it follows when the fingers rest.
        self._list_later = QTimer(self, singleShot=True, interval=_REST_MS)
        self._list_later.timeout.connect(self._fill_list)
        draft.structure_changed.connect(self._rows_changed)
        draft.replaced.connect(self.rebuild)
        draft.changed.connect(self._changed)
        self.rebuild()

    def _rows_changed(self, path: str) -> None:
        if path == "clauses":
            self.rebuild()

    def _changed(self, path: str) -> None:
        parts = path.split(".")
        if parts[0] == "clauses" and len(parts) == 3 and parts[2] in ("heading", "part"):
            self._list_later.start()
        elif parts[0] != "clauses" and self.card is not None:
            self.card.show_print()

    def rebuild(self) -> None:
        """Clauses came, went or moved. Who only reads has no list and no card."""
        if self._read_only:
            return
        self.current = max(0, min(self.current, len(self._draft.value.clauses) - 1))
        self._fill_list()
        self._show_card()

    def _fill_list(self) -> None:
        clear(self._list)
        self._rows = []
        for i, clause in enumerate(self._draft.value.clauses):
            made = RowButton(f"{i + 1} {clause.heading}", partial(self.choose, i))
            made.setObjectName(f"contract.clause.{i}")
            inner = QHBoxLayout(made)
            inner.setContentsMargins(6, 4, 6, 4)
            inner.setSpacing(6)
            number = words(str(i + 1), "faint")
            number.setFixedWidth(20)
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            inner.addWidget(number)
            inner.addWidget(Elided(clause.heading or tr("未命名条款"), "strong" if i == self.current else ""), 1)
            if i in self._marked:
                inner.addWidget(icon_label("circle-alert", tokens.ICON, "bad"))
            elif clause.part:
                inner.addWidget(Chip(tr(texts.PARTS_SHORT[clause.part]), "neutral"))
            self._list.addWidget(made)
            self._rows.append(made)

    def choose(self, i: int) -> None:
        """Show clause I."""
        self.current = i
        self._fill_list()
        self._show_card()
        if i < len(self._rows):
            self._rows[i].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_card(self) -> None:
        clear(self._place)
        self.card = None
        if not self._draft.value.clauses:
            hint = words(tr("还没有条款。选好报价单后会按情形自动选用，也可以从条款库插入。"), "secondary", wrap=True)
            self._place.addWidget(hint, 0, Qt.AlignmentFlag.AlignTop)
            return
        self._tools = QWidget()
        self._tools.setLayout(
            row(
                None,
                icon_button("arrow-up", tr("上移"), lambda: self.shift(-1), name="contract.clause.up"),
                icon_button("arrow-down", tr("下移"), lambda: self.shift(1), name="contract.clause.down"),
                icon_button("trash-2", tr("删除这一条"), self.remove, name="contract.clause.remove"),
                gap=2,
            )
        )
        self.card = ClauseCard(self._ctx, self._draft, self.current, self._values)
        self._place.addWidget(self._tools)
        self._place.addWidget(self.card)
        self._tools.setVisible(not self._read_only)
        self.card.set_read_only(self._read_only)

    # what can be done

    def shift(self, step: int) -> None:
        """Move the clause up or down."""
        to = self.current + step
        if 0 <= to < len(self._draft.value.clauses):
            from_, self.current = self.current, to
            self._draft.move("clauses", from_, to)

    def remove(self) -> None:
        """Take the clause out; Ctrl+Z brings it back."""
        self._draft.remove("clauses", self.current)

    def add_own(self) -> None:
        """A clause of this contract's own, after the current one."""
        self.insert(ClauseDraft(heading=tr("其他约定")))
        if self.card is not None:
            self.card.form.focus_path(f"{self.card.prefix}body")

    def insert(self, clause: ClauseDraft) -> None:
        """Put a clause after the current one."""
        at = min(self.current + 1, len(self._draft.value.clauses))
        self.current = at
        self._draft.insert("clauses", at, clause)

    def open_library(self) -> None:
        """Choose from the library what is not in the contract yet."""
        body = LibraryBody(self._ctx, {c.key for c in self._draft.value.clauses if c.key})
        sheet = Sheet(self._page, tr("条款库"), body, name="contract.library.sheet", width=520)

        def take(clause: LibraryClause) -> None:
            self.insert(clause.draft)
            sheet.finish(True)

        body.taken.connect(take)

    # problems and freezing

    def set_problems(self, problems: list[Problem]) -> None:
        """Mark the clauses that something is wrong with."""
        marked = set()
        for problem in problems:
            parts = (problem.field or "").split(".")
            if parts[0] == "clauses" and len(parts) > 1 and parts[1].isdigit() and problem.blocking:
                marked.add(int(parts[1]))
        self._marked = frozenset(marked)
        if not self._read_only:
            self._fill_list()

    def show_path(self, path: str) -> bool:
        """Bring the card of a path's clause up."""
        parts = path.split(".")
        if parts[0] != "clauses" or len(parts) < 2 or not parts[1].isdigit():
            return False
        if int(parts[1]) != self.current:
            self.choose(int(parts[1]))
        return True

    def set_read_only(self, on: bool) -> None:
        """Frozen."""
        begins, self._read_only = self._read_only and not on, on
        if begins:
            self.rebuild()
        self.add_button.setVisible(not on)
        self.new_button.setVisible(not on)
        self._editing.setVisible(not on)
        self._reading.setVisible(on)
        clear(self._text)
        if on:
            self._fill_reading()

    def _fill_reading(self) -> None:
        values = self._values()
        for i, clause in enumerate(self._draft.value.clauses, start=1):
            part = tr(texts.PARTS[clause.part]) if clause.part in texts.PARTS else ""
            chips = [Chip(part, "neutral")] if part else []
            self._text.addLayout(row(words(f"{i}. {fill(clause.heading, values)}", "strong"), None, *chips))
            self._text.addWidget(Paragraph(fill(clause.body.strip(), values)))
            origin = "" if clause.key else tr("本合同专用条款")
            if origin:
                self._text.addWidget(words(origin, "amber"))
            self._text.addSpacing(6)


class LibraryBody(QWidget):
    """The library with search; `taken(LibraryClause)` when one is chosen. Clauses that the contract has are marked."""

    taken = Signal(object)

    def __init__(self, ctx: ViewContext, used: set[str]) -> None:
        super().__init__()
        self._used = used
        self._all: tuple[LibraryClause, ...] = ()
        self.search = SearchEdit(tr("搜索标题、内容或适用情形"))
        self.search.setObjectName("contract.library.search")
        self.search.textChanged.connect(lambda _text: self._fill())
        self._list = column(gap=2)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.search)
        inner.addLayout(self._list)
        inner.addStretch(1)
        jobs.start(self, self._load(ctx))

    async def _load(self, ctx: ViewContext) -> None:
        self._all = await ctx.db.run(library.library)
        self._fill()

    def _fill(self) -> None:
        clear(self._list)
        wanted = self.search.text().strip().lower()
        for clause in self._all:
            if wanted and wanted not in f"{clause.heading}{clause.heading_en}{clause.body}{clause.use_when}".lower():
                continue
            self._list.addWidget(self._row(clause))

    def _row(self, clause: LibraryClause) -> QWidget:
        taken = clause.key in self._used
        made = RowButton(clause.heading, (lambda: None) if taken else partial(self.taken.emit, clause))
        made.setObjectName(f"contract.library.{clause.key}")
        made.setEnabled(not taken)
        inner = QVBoxLayout(made)
        inner.setContentsMargins(8, 6, 8, 6)
        inner.setSpacing(1)
        heading = clause.heading_en if language() == "en" and clause.heading_en else clause.heading
        chips: list[QWidget] = []
        if taken:
            chips.append(Chip(tr("已选用"), "good"))
        elif clause.part:
            chips.append(Chip(lookup.choice("contract_clause", "part", clause.part), "neutral"))
        inner.addLayout(row(words(heading, "strong"), None, *chips))
        inner.addWidget(words(library.use_when(clause, language()), "small", wrap=True))
        about = tr("{owner} · 第 {n} 版", owner=tr(clause.owner), n=clause.edition)
        inner.addWidget(words(about, "faint"))
        inner.addWidget(Elided(clause.body.replace("\n", " "), "faint"))
        return made
