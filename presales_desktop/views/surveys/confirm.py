"""The sheet that records the customer's confirmation: who, when, how, evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from presales_desktop.models.surveys import CONFIRMED_HOW
from presales_desktop.texts import surveys as texts
from presales_desktop.texts import tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.adapters import ChoiceBox
from presales_desktop.views.kit.basics import Elided, button, row, words
from presales_desktop.views.kit.dialogs import choose_file
from presales_desktop.views.kit.typed_edits import DatePicker


class ConfirmBody(QWidget):
    """Values: `by`, `how`, `on`, `note`, `evidence` (a path or None)."""

    def __init__(self, page: QWidget, people: str, today: Callable[[], dt.date]) -> None:
        super().__init__()
        self._page = page
        self.evidence: Path | None = None
        self._by = QLineEdit(people.partition("、")[0].partition("（")[0].strip())
        self._by.setObjectName("survey.confirm.by")
        self._how = ChoiceBox()
        self._how.setObjectName("survey.confirm.how")
        for value in CONFIRMED_HOW:
            self._how.addItem(tr(texts.HOW[value]), value)
        self._on = DatePicker(today)
        self._on.setObjectName("survey.confirm.on")
        self._on.set_value(today())
        self._note = QPlainTextEdit()
        self._note.setObjectName("survey.confirm.note")
        self._note.setTabChangesFocus(True)
        self._note.setFixedHeight(72)
        self._file = Elided(tr("没有选择文件"), "secondary")
        choose = button(
            tr("选择文件…"), lambda: jobs.start(self, self._choose()), icon="paperclip", name="survey.confirm.file"
        )
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        hint = tr("确认绑定到这一版报告的内容；之后修改会产生下一版，需要重新确认。")
        inner.addWidget(words(hint, "small", wrap=True))
        for word, widget in (
            (tr("确认人"), self._by),
            (tr("确认方式"), self._how),
            (tr("确认日期"), self._on),
            (tr("备注"), self._note),
        ):
            label = words(word, "small")
            label.setBuddy(widget)
            widget.setAccessibleName(word)
            inner.addSpacing(6)
            inner.addWidget(label)
            inner.addWidget(widget)
        inner.addSpacing(6)
        inner.addWidget(words(tr("确认凭证（签字页扫描、邮件截图）"), "small"))
        inner.addLayout(row(choose, self._file))

    async def _choose(self) -> None:
        path = await choose_file(self._page, tr("确认凭证"), [tr("图片和 PDF (*.pdf *.jpg *.jpeg *.png)")])
        if path is not None:
            self.evidence = path
            self._file.setText(path.name)

    @property
    def by(self) -> str:
        """Who confirmed."""
        return self._by.text().strip()

    @property
    def how(self) -> str:
        """In which way."""
        return str(self._how.currentData())

    @property
    def on(self) -> dt.date | None:
        """On which day."""
        self._on.commit()
        value = self._on.value
        return value if isinstance(value, dt.date) else None

    @property
    def note(self) -> str:
        """Further words."""
        return self._note.toPlainText().strip()

    def problem(self) -> str:
        """Why it can't be recorded yet, or ""."""
        if not self.by:
            return tr("请填写是谁确认的。")
        return "" if self.on is not None else tr("请填写确认日期。")
