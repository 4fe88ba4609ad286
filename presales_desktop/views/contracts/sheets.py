"""Questions of the contract page: how it goes out, when and by whom it was signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from presales_desktop.models.contracts import VIA
from presales_desktop.texts import contracts as texts
from presales_desktop.texts import tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.adapters import ChoiceBox
from presales_desktop.views.kit.basics import Elided, button, row, words
from presales_desktop.views.kit.dialogs import ask, choose_file
from presales_desktop.views.kit.typed_edits import DatePicker


class _Body(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.inner = QVBoxLayout(self)
        self.inner.setContentsMargins(0, 0, 0, 0)
        self.inner.setSpacing(4)

    def add(self, word: str, widget: QWidget, name: str) -> None:
        """A labelled widget."""
        widget.setObjectName(name)
        widget.setAccessibleName(word)
        label = words(word, "small")
        label.setBuddy(widget)
        self.inner.addSpacing(6)
        self.inner.addWidget(label)
        self.inner.addWidget(widget)


async def ask_send(page: QWidget, recipient: str) -> tuple[str, str] | None:
    """(via, recipient), None when closed."""
    body = _Body()
    via = ChoiceBox()
    for value in VIA:
        via.addItem(tr(texts.VIA[value]), value)
    via.setCurrentIndex(VIA.index("print"))
    to = QLineEdit(recipient)
    body.add(tr("方式"), via, "contract.send.via")
    body.add(tr("收件人"), to, "contract.send.to")
    hint = tr("会生成这一版的 PDF，连同时间和文件校验值一起归档。客户签回后再登记签订。")
    body.inner.addWidget(words(hint, "faint", wrap=True))

    def valid() -> str:
        return "" if to.text().strip() else tr("请填写收件人。")

    done = await ask(page, tr("送签"), body, tr("生成并送签"), valid=valid, name="contract.send.sheet")
    return (str(via.currentData()), to.text().strip()) if done else None


@dataclass(frozen=True)
class Signed:
    """What was typed about the signing."""

    on: dt.date
    by: str
    note: str
    scan: Path | None


async def ask_signed(page: QWidget, by: str, today: Callable[[], dt.date]) -> Signed | None:
    """When and by whom the contract was signed, with the scan; None when closed."""
    body = _Body()
    who = QLineEdit(by)
    day = DatePicker(today)
    day.set_value(today())
    note = QPlainTextEdit()
    note.setTabChangesFocus(True)
    note.setFixedHeight(72)
    chosen: list[Path] = []
    name = Elided(tr("没有选择文件"), "secondary")

    async def choose() -> None:
        path = await choose_file(page, tr("签字盖章的合同扫描件"), [tr("图片和 PDF (*.pdf *.jpg *.jpeg *.png)")])
        if path is not None:
            chosen[:] = [path]
            name.setText(path.name)

    pick = button(tr("选择文件…"), lambda: jobs.start(body, choose()), icon="paperclip", name="contract.sign.file")
    body.inner.addWidget(words(tr("登记后合同不能再修改，需要变更时签补充协议。"), "small", wrap=True))
    body.add(tr("客户签署人"), who, "contract.sign.by")
    body.add(tr("签订日"), day, "contract.sign.on")
    body.add(tr("备注"), note, "contract.sign.note")
    body.inner.addSpacing(6)
    body.inner.addWidget(words(tr("签字盖章的合同扫描件"), "small"))
    body.inner.addLayout(row(pick, name))

    def valid() -> str:
        day.commit()
        if not who.text().strip():
            return tr("请填写客户方由谁签署。")
        return "" if isinstance(day.value, dt.date) else tr("请填写签订日。")

    if not await ask(page, tr("登记签订"), body, tr("登记签订"), valid=valid, name="contract.sign.sheet"):
        return None
    assert isinstance(day.value, dt.date)
    return Signed(day.value, who.text().strip(), note.toPlainText().strip(), chosen[0] if chosen else None)
