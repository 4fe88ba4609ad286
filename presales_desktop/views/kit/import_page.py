"""Importing a list from Excel or text: choose a file, match its columns, look at what would change, import.

    HeaderAction("导入", "import", lambda: ImportPage.open_over(page, ctx, "customers"), right="customer.create")

The page lies over the list that opened it and closes with Esc. All of a file is imported or nothing; rejected rows can be saved
as an annotated workbook, corrected and imported again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShortcut
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.services import imports, spreadsheets
from presales_desktop.services.imports import Preview, Target
from presales_desktop.services.saving import replace_file
from presales_desktop.services.spreadsheets import Sheet
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import jobs, shortcuts, tokens
from presales_desktop.views.kit.basics import button, column, frame, icon_button, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import choose_file, choose_save
from presales_desktop.views.kit.import_parts import MappingPane, PreviewPane
from presales_desktop.views.kit.states import ErrorBar, ProgressPanel

_REMEMBERED = 30
_PICK, _MAP, _PREVIEW, _DONE = range(4)


class ImportPage(QWidget):
    """The import of one target ("customers", "products", "prices"). `closed()` when it goes, `imported(ImportResult)`."""

    closed = Signal()
    imported = Signal(object)

    def __init__(self, ctx: ViewContext, target_key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ctx = ctx
        self.target: Target = imports.target(target_key)
        self.sheets: tuple[Sheet, ...] = ()
        self.seen: Preview | None = None
        self._job: jobs.Job | None = None
        self._hushed: list[QShortcut] = []
        self._owner: QWidget | None = None
        self.setObjectName(f"{target_key}.import")
        self.setAccessibleName(self._title())
        self.setAutoFillBackground(True)
        self.setAcceptDrops(True)
        self._build()
        shortcuts.register(self, "Esc", tr("关闭"), self.close_page)
        shortcuts.register(self, "Ctrl+O", tr("选择文件"), self.choose)
        shortcuts.register(self, "Ctrl+Return", tr("下一步"), self._primary)

    @classmethod
    def open_over(cls, page: QWidget, ctx: ViewContext, target_key: str) -> ImportPage:
        """Lay the import over PAGE; the page's own keys rest until it is closed."""
        made = cls(ctx, target_key, page)
        made._lie_over(page)
        return made

    def _lie_over(self, page: QWidget) -> None:
        self._owner = page
        mine = set(self.findChildren(QShortcut))
        for each in page.findChildren(QShortcut):
            if each not in mine and each.isEnabled():
                each.setEnabled(False)
                self._hushed.append(each)
        page.installEventFilter(self)
        self.setGeometry(page.rect())
        self.show()
        self.raise_()
        self._choose.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the page beneath."""
        if watched is self._owner and self._owner is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._owner.rect())
        return False

    # building

    def _title(self) -> str:
        return tr("导入{kind}", kind=lookup.kind_title(self.target.kind))

    def _build(self) -> None:
        head = frame("bar")
        head.setLayout(
            row(
                words(self._title(), "title"),
                None,
                icon_button("x", tr("关闭"), self.close_page, shortcut="Esc", name="import.close"),
                margins=(tokens.MARGIN, 12, tokens.MARGIN - 6, 12),
            )
        )
        self.error_bar = ErrorBar()
        self.progress = ProgressPanel(tr("正在处理"))
        self.progress.setObjectName("import.progress")
        self.progress.hide()
        self.mapping = MappingPane(self.target)
        self.mapping.sheet_chosen.connect(self._sheet_chosen)
        self.preview = PreviewPane(self.ctx)
        self.stack = QStackedWidget()
        for pane in (self._pick_pane(), self.mapping, self.preview, self._done_pane()):
            self.stack.addWidget(pane)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        bars = column(self.error_bar, self.progress, margins=(tokens.MARGIN, 8, tokens.MARGIN, 0))
        page.addWidget(head)
        page.addLayout(bars)
        page.addWidget(self.stack, 1)
        page.addWidget(self._foot())
        self._show(_PICK)

    def _pick_pane(self) -> QWidget:
        self._choose = button(
            tr("选择文件…"), self.choose, look="primary", icon="file-spreadsheet", name="import.choose",
            tip=f"{tr('选择文件')}  {shortcuts.shown('Ctrl+O')}",
        )  # fmt: skip
        well = QFrame()
        well.setProperty("look", "well")
        well.setFixedSize(520, 230)
        inner = _centred(
            None,
            icon_label("import", 28, "secondary"),
            4,
            words(tr("把 Excel 或 CSV 文件拖到这里"), "section"),
            words(tr("支持 .xlsx、.xls、.csv、.txt；表头上面有标题行、GBK 编码都可以。"), "secondary"),
            words(tr("最多 20 万行、50 MB。导入前先预览，不会直接改动数据。"), "secondary"),
            10,
            self._choose,
            None,
            gap=6,
        )
        well.setLayout(inner)
        pane = QWidget()
        whole = column(None, well, None)
        whole.setAlignment(well, Qt.AlignmentFlag.AlignHCenter)
        pane.setLayout(whole)
        return pane

    def _done_pane(self) -> QWidget:
        self._done_title = words("", "title")
        self._done_note = words("", "secondary")
        again = button(tr("再导入一个文件"), self._restart, name="import.again")
        pane = QWidget()
        inner = _centred(
            None, icon_label("circle-check", 40, "good"), self._done_title, self._done_note, 8, again, None, gap=8
        )
        pane.setLayout(inner)
        return pane

    def _foot(self) -> QWidget:
        self._back = button(tr("返回"), self._go_back, name="import.back")
        self._save_rejects = button(tr("保存有问题的行…"), self.save_rejected, icon="file-down", name="import.rejected")
        self._partial = button(tr("只导入其余各行"), lambda: self._import(partial=True), name="import.partial")
        self._next = button(tr("预览"), self._primary, look="primary", name="import.next")
        foot = frame("foot")
        foot.setLayout(
            row(
                self._back,
                self._save_rejects,
                None,
                self._partial,
                self._next,
                margins=(tokens.MARGIN, 8, tokens.MARGIN, 8),
            )
        )
        return foot

    def _show(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        seen = self.seen
        rejected = bool(seen and seen.rejected)
        fresh = len(seen.new) + len(seen.changed) if seen else 0
        self._back.setVisible(step in (_MAP, _PREVIEW))
        self._save_rejects.setVisible(step == _PREVIEW and rejected)
        self._partial.setVisible(step == _PREVIEW and rejected and fresh > 0)
        self._next.setVisible(step != _PICK)
        self._next.setEnabled(step != _PREVIEW or (fresh > 0 and not rejected))
        self._next.setToolTip(tr("有问题的行改好后才能全部导入") if step == _PREVIEW and rejected else "")
        titles = {_MAP: tr("预览"), _PREVIEW: tr("导入 {n} 行", n=fresh), _DONE: tr("完成")}
        self._next.setText(titles.get(step, ""))

    # doing

    def _primary(self) -> None:
        if self._job is not None or not self._next.isVisibleTo(self) or not self._next.isEnabled():
            return
        step = self.stack.currentIndex()
        if step == _MAP:
            self._start(self._preview())
        elif step == _PREVIEW:
            self._import(partial=False)
        elif step == _DONE:
            self.close_page()

    def _start(self, coroutine: Any) -> None:
        if self._job is None:
            self.error_bar.clear()
            self._job = jobs.start(self, self._guarded(coroutine))
            if not self._job.running:
                self._job = None

    async def _guarded(self, coroutine: Awaitable[Any]) -> None:
        try:
            await coroutine
        except PresalesError as error:
            self.error_bar.show_text(lookup.error_text(error, self.target.kind))
        except jobs.Cancelled:
            self.ctx.nav.toast(tr("已取消，没有改动任何数据。"))
        finally:
            self._job = None
            self.progress.hide()
            self._lock(False)

    def _lock(self, on: bool) -> None:
        for part in (self.stack, self._back, self._save_rejects, self._partial):
            part.setEnabled(not on)
        if on:
            self._next.setEnabled(False)
        else:
            self._show(self.stack.currentIndex())

    def _follow(self) -> Callable[[int, int, str], None]:
        progress = jobs.Progress(self)
        self.progress.bind(progress)
        self.progress.set_step(0, 0, "")
        self.progress.show()
        self._lock(True)
        return progress.step

    def choose(self) -> None:
        """Ask for a file."""
        if self.stack.currentIndex() in (_PICK, _DONE):
            self._start(self._choose_file())

    async def _choose_file(self) -> None:
        patterns = tr("表格 ({patterns})", patterns=" ".join(spreadsheets.PATTERNS))
        path = await choose_file(self, self._title(), [patterns])
        if path is not None:
            await self._read(path)

    def read(self, path: Path) -> None:
        """Read a file that was chosen or dropped."""
        self._start(self._read(path))

    async def _read(self, path: Path) -> None:
        self._lock(True)
        self.sheets = await self.ctx.pool.run(spreadsheets.read, path, known=self.target.titles)
        best = max(range(len(self.sheets)), key=lambda i: self.sheets[i].hits)
        self.seen = None
        self.mapping.set_sheets(self.sheets, best)
        self._sheet_chosen(best)
        self._show(_MAP)
        self.mapping.setFocus()

    def _sheet_chosen(self, index: int) -> None:
        sheet = self.sheets[index]
        guessed = imports.guess_mapping(sheet.headers, self.target)
        kept = self.ctx.settings.import_mappings.get(self.target.key, {}).get(_signature(sheet), {})
        usable = {f.name for f in self.target.fields}
        if isinstance(kept, dict) and kept and all(k in usable and v in sheet.headers for k, v in kept.items()):
            self.mapping.set_mapping(sheet, dict(kept), remembered=True)
        else:
            self.mapping.set_mapping(sheet, guessed, remembered=False)

    async def _preview(self) -> None:
        sheet, mapping = self.mapping.sheet, self.mapping.mapping()
        step = self._follow()
        self.seen = await self.ctx.db.run(imports.preview, self.target, sheet, mapping, step)
        self._remember(sheet, mapping)
        self.preview.set_preview(self.seen)
        self._show(_PREVIEW)

    def _remember(self, sheet: Sheet, mapping: dict[str, str]) -> None:
        every = dict(self.ctx.settings.import_mappings)
        own = dict(every.get(self.target.key, {}))
        own.pop(_signature(sheet), None)
        own[_signature(sheet)] = mapping
        every[self.target.key] = dict(list(own.items())[-_REMEMBERED:])
        self.ctx.settings.import_mappings = every

    def _import(self, *, partial: bool) -> None:
        self._start(self._apply(partial))

    async def _apply(self, partial: bool) -> None:
        assert self.seen is not None
        step = self._follow()
        result = await self.ctx.db.run(imports.apply, self.seen, partial, step)
        self._done_title.setText(tr("已导入 {n} 行", n=result.created + result.updated))
        said = [
            tr("新建 {n}", n=result.created),
            tr("修改 {n}", n=result.updated),
            tr("无变化 {n}", n=result.unchanged),
        ]
        if result.rejected:
            said.append(tr("未导入 {n}", n=result.rejected))
        self._done_note.setText(" · ".join(said))
        self._show(_DONE)
        self.imported.emit(result)

    def save_rejected(self) -> None:
        """Save the rejected rows with their reasons as a workbook."""
        if self.seen is not None and self.seen.rejected:
            self._start(self._save_file())

    async def _save_file(self) -> None:
        assert self.seen is not None
        name = tr("{file}-有问题的行.xlsx", file=Path(self.seen.sheet.file).stem)
        path = await choose_save(self, tr("保存有问题的行"), name, ["Excel (*.xlsx)"])
        if path is None:
            return
        content = await self.ctx.pool.run(imports.annotated, self.seen)
        await self.ctx.pool.run(replace_file, path, content)
        self.ctx.nav.toast(
            tr("已保存 {n} 行到 {file}，改好后可以直接再导入。", n=len(self.seen.rejected), file=path.name), tone="good"
        )

    def _go_back(self) -> None:
        if self._job is None:
            self.error_bar.clear()
            self._show(self.stack.currentIndex() - 1)

    def _restart(self) -> None:
        self.seen = None
        self._show(_PICK)
        self._choose.setFocus()

    def close_page(self) -> None:
        """Leave; running work is cancelled first."""
        if self._job is not None and self.progress.isVisibleTo(self):
            self.progress.findChild(QWidget, "progress.cancel").click()  # type: ignore[union-attr]
            return
        for each in self._hushed:
            each.setEnabled(True)
        self._hushed = []
        self.closed.emit()
        self.hide()
        if self._owner is not None:
            self._owner.removeEventFilter(self)
            self._owner.setFocus()
        self.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped before anything is chosen."""
        if self.stack.currentIndex() in (_PICK, _DONE) and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the first dropped file."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.read(paths[0])


def _centred(*parts: QWidget | int | None, gap: int) -> QVBoxLayout:
    """A column with every widget in its middle."""
    made = column(*parts, gap=gap)
    for part in parts:
        if isinstance(part, QWidget):
            made.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
    return made


def _signature(sheet: Sheet) -> str:
    """Files with the same columns share a mapping."""
    return hashlib.sha256("\x1f".join(sheet.headers).encode()).hexdigest()[:16]
