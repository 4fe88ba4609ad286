"""The five dimensions as an interview asks for them: question, answer, quick answers, or 客户未定 with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from presales_desktop.models.survey_prompts import questions_of_dimension
from presales_desktop.models.surveys import ANSWER, DIMENSIONS, FIELDS, answered, settled
from presales_desktop.texts import language, tr
from presales_desktop.texts import surveys as texts
from presales_desktop.views.kit import icons, tokens
from presales_desktop.views.kit.basics import icon_label, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.form import Form
from presales_desktop.views.surveys.quick import AnswerPills

_BY_NAME = {f.name: f for f in FIELDS}
_QUICK = ("scene", "style", "functions")


class DimensionRow(QFrame):
    """One dimension. `settled_changed` when it became answered or open."""

    settled_changed = Signal()

    def __init__(self, ctx: ViewContext, draft: Draft, dimension: str) -> None:
        super().__init__()
        self.dimension, self._draft = dimension, draft
        self.setObjectName(f"survey.dimension.{dimension}")
        self._mark = icon_label("circle-dashed", tokens.ICON, "faint")
        self._open = QCheckBox(tr("客户未定"))
        self._open.setObjectName(f"survey.{dimension}.undecided")
        self._open.clicked.connect(self._switch)
        questions = "　".join(questions_of_dimension(dimension, language()))
        self._answer = Form(ctx, draft, (_BY_NAME[ANSWER[dimension]],), "survey", columns=1)
        self._reason = Form(ctx, draft, (_BY_NAME[f"{dimension}_undecided"],), "survey", columns=1)
        self._pills: list[QWidget] = []
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        head = row(self._mark, words(tr(texts.DIMENSIONS[dimension]), "strong"), None, self._open)
        inner.addLayout(head)
        inner.addWidget(words(questions, "faint", wrap=True))
        inner.addWidget(self._answer)
        if dimension in _QUICK:
            self._pills.append(AnswerPills(draft, ANSWER[dimension], dimension))
        self._reasons = AnswerPills(draft, f"{dimension}_undecided", "undecided")
        for pills in self._pills:
            inner.addWidget(pills)
        inner.addWidget(self._reason)
        inner.addWidget(self._reasons)
        for box in (*self._answer.boxes.values(), *self._reason.boxes.values()):
            box.label.hide()
        self._was: bool | None = None
        self._wanted = False
        draft.changed.connect(self._changed)
        draft.replaced.connect(self.show_value)
        self.show_value()

    def _changed(self, path: str) -> None:
        if path in (ANSWER[self.dimension], f"{self.dimension}_undecided"):
            self.show_value()

    def _switch(self, on: bool) -> None:
        """客户未定 shows the reason's field; switched off, the reason goes (it can be undone)."""
        self._wanted = on
        if not on:
            self._draft.set(f"{self.dimension}_undecided", "", merge=False)
        self.show_value()
        if on:
            self._reason.widget(f"{self.dimension}_undecided").setFocus(Qt.FocusReason.OtherFocusReason)

    def show_value(self) -> None:
        """Mark, and which of answer and reason is asked for."""
        value = self._draft.value
        has, done = answered(value, self.dimension), settled(value, self.dimension)
        reason = bool(getattr(value, f"{self.dimension}_undecided").strip())
        open_ = (reason or self._wanted) and not has
        self._open.setChecked(open_)
        self._open.setVisible(not has and not self._draft.read_only)
        self._answer.setVisible(not open_)
        for pills in self._pills:
            pills.setVisible(not open_ and not self._draft.read_only)
        self._reason.setVisible(open_)
        self._reasons.setVisible(open_ and not self._draft.read_only)
        icon, tone = ("circle-check", "good") if done else ("circle-dashed", "faint")
        if done and not has:
            icon, tone = "clock", "amber"
        self._mark.setPixmap(icons.pixmap(icon, tokens.ICON, tone))
        if self._was is not None and self._was != done:
            self.settled_changed.emit()
        self._was = done

    def wants(self, path: str) -> bool:
        """Whether PATH belongs here."""
        return path in (ANSWER[self.dimension], f"{self.dimension}_undecided")


class Dimensions(QWidget):
    """All five, under each other."""

    def __init__(self, ctx: ViewContext, draft: Draft) -> None:
        super().__init__()
        self._ctx, self._draft = ctx, draft
        self.rows: dict[str, DimensionRow] = {}
        self._inner = QVBoxLayout(self)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.setSpacing(10)

    def fill(self) -> Iterator[None]:
        """The rows, one a turn."""
        for dimension in DIMENSIONS:
            if self.rows:
                self._inner.addWidget(line())
            self.rows[dimension] = DimensionRow(self._ctx, self._draft, dimension)
            self._inner.addWidget(self.rows[dimension])
            yield

    def show_values(self) -> None:
        """After the page became read-only or editable again."""
        for each in self.rows.values():
            each.show_value()
