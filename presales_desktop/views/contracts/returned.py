"""The sheet of a contract that came back: what is wrong with it, and each difference in its colours; Up and Down go from place to place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from presales_desktop.models.contract_returned import Difference, Returned
from presales_desktop.models.errors import InputError, Problem
from presales_desktop.services import attachments
from presales_desktop.services.contract_steps import ContractDocument, document
from presales_desktop.texts import lookup, tr
from presales_desktop.views.contracts.changes import HOW, pieces_label
from presales_desktop.views.kit import dialogs, tokens
from presales_desktop.views.kit.basics import column, icon_label, line, row, words
from presales_desktop.views.kit.states import Chip

if TYPE_CHECKING:
    from presales_desktop.views.contracts.editor import ContractEditor

_AREAS: Final = {"head": "首部", "clause": "条款", "goods": "标的", "total": "合计", "sign": "签署页"}


class _Place(QFrame):
    """One thing to look at; the keyboard walks over them."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(said)
        self.setProperty("look", "row")
        self.inner = QVBoxLayout(self)
        self.inner.setContentsMargins(6, 6, 6, 6)
        self.inner.setSpacing(4)


class ReturnedView(QWidget):
    """Problems first, then the differences in the order of the paper."""

    def __init__(self, found: Returned, label: str) -> None:
        super().__init__()
        self.setObjectName("contract.returned")
        self.setAccessibleName(tr("返回文件的不同之处"))
        self.places: list[_Place] = []
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(4)
        if found.same:
            said = tr("与发出的 {label} 逐字相同，金额、大写、定金和必备内容都没有变。", label=label)
            icon, tone = "circle-check", "good"
        else:
            n, m = len(found.differences), len(found.problems)
            said = tr("与发出的 {label} 相比有 {n} 处不同，{m} 项问题。", label=label, n=n, m=m)
            icon, tone = "triangle-alert", "amber"
        self.summary = words(said, "strong", wrap=True)
        head = row(icon_label(icon, tokens.ICON, tone))
        head.addWidget(self.summary, 1)
        self._list.addLayout(head)
        if not found.same:
            self._list.addWidget(words(tr("上下键逐处查看。"), "faint"))
        for problem in found.problems:
            self._add(self._problem(problem))
        if found.problems and found.differences:
            self._list.addWidget(line())
        for difference in found.differences:
            self._add(self._difference(difference))

    def _add(self, place: _Place) -> None:
        self.places.append(place)
        self._list.addWidget(place)

    def _problem(self, problem: Problem) -> _Place:
        said = lookup.problem_text(problem, "contract")
        made = _Place(said)
        inner = row(icon_label("circle-alert", tokens.ICON, "bad"))
        inner.addWidget(words(said, wrap=True), 1)
        made.inner.addLayout(inner)
        return made

    def _difference(self, difference: Difference) -> _Place:
        word, tone = HOW[difference.how]
        area = tr(_AREAS[difference.area])
        name = difference.name if difference.area in ("clause", "goods") else ""
        made = _Place(" ".join(filter(None, (tr(word), area, name))))
        parts: list[QWidget] = [Chip(tr(word), tone), words(area, "secondary")]
        if difference.figures:
            parts.insert(1, Chip(tr("金额或数字"), "bad"))
        made.inner.addLayout(row(*parts, None))
        if name:
            made.inner.addWidget(words(name, "strong", wrap=True))
        if difference.pieces:
            made.inner.addLayout(column(pieces_label(difference.pieces)))
        return made

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Up, also from a row that has the keyboard."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None or not self.places:
            super().keyPressEvent(event)
            return
        now = self.window().focusWidget()
        at = next((i for i, p in enumerate(self.places) if p is now), -1 if step > 0 else len(self.places))
        self.go(at + step)

    def go(self, n: int) -> None:
        """To place N, kept within the list; it is scrolled into sight."""
        place = self.places[max(0, min(n, len(self.places) - 1))]
        place.setFocus(Qt.FocusReason.TabFocusReason)
        area = self.parentWidget()
        while area is not None and not hasattr(area, "ensureWidgetVisible"):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(place, 0, 40)


def read_file(path: Path) -> bytes:
    """The bytes of PATH. Raises InputError file.unreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or str(error)) from None


def _check(doc: ContractDocument, name: str, data: bytes) -> Returned:
    """On a worker: the readers are loaded there."""
    from presales_desktop.reports import contracts_returned

    return contracts_returned.check(doc, name, data)


async def check_returned(page: ContractEditor) -> None:
    """Ask for the file, compare, show; filed with the contract when the user wants it and may."""
    assert page.record_id is not None
    path = await dialogs.choose_file(page, tr("客户发回的合同"), [tr("Word 和 PDF 文件 (*.docx *.pdf)")])
    if path is None:
        return
    data: bytes = await page.ctx.pool.run(read_file, path)
    doc = await page.ctx.db.run(document, page.record_id)
    found: Returned = await page.ctx.pool.run(_check, doc, path.name, data)
    body = ReturnedView(found, f"{doc.number}-R{doc.revision}")
    primary = tr("归档这个文件") if page.mine("contract.edit") else ""
    if await dialogs.ask(page, tr("核对返回的文件"), body, primary, name="contract.returned.sheet"):
        await page.ctx.db.run(attachments.attach, "contract", page.record_id, "file", path.name, data, initiator=page)
        page.ctx.nav.toast(tr("已归档 {name}", name=path.name), tone="good")
