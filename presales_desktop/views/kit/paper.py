"""A finished document inside the page: its sheets scroll and zoom, and go to a printer or a file from here.

show_paper(self, tr("报价单"), data, "BJ20261123-001-R1.pdf")     # Esc gives the page back
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QMarginsF, QObject, QRectF, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QKeyEvent,
    QPageLayout,
    QPageSize,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QVBoxLayout, QWidget

from presales_desktop.models.errors import InputError
from presales_desktop.reports.pages import PageImage, Pages
from presales_desktop.services.saving import replace_file
from presales_desktop.texts import tr
from presales_desktop.views.kit import jobs, shortcuts, tokens
from presales_desktop.views.kit.basics import Elided, button, icon_button, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import choose_save

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_GAP = 16
_SCREEN_DPI = 96
_PRINT_DPI = 200
_KEPT = 10  # pictures of pages, about 4 MB each at 100 %
_ZOOMS = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0)


class PaperView(QAbstractScrollArea):
    """The sheets below each other; what is in sight is drawn by a worker. `moved(page number)`, `zoomed(factor)`."""

    moved = Signal(int)
    zoomed = Signal(float)

    def __init__(self, ctx: ViewContext, pages: Pages) -> None:
        super().__init__()
        self._ctx, self.pages = ctx, pages
        self._zoom = 0.0  # 0: as wide as there is room
        self._pictures: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._asked: set[tuple[int, int]] = set()
        self.setObjectName("paper.sheets")
        self.setAccessibleName(tr("页面"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.verticalScrollBar().valueChanged.connect(lambda _: self.moved.emit(self.current()))

    # --- where things are ----------------------------------------------------------------------------------------------------
    def zoom(self) -> float:
        """The factor that is on; 1.0 is true to size at 96 dots per inch."""
        if self._zoom:
            return self._zoom
        widest = max((w for w, _ in self.pages.sizes), default=595.0) * _SCREEN_DPI / 72
        return max(0.2, min(1.6, (self.viewport().width() - 2 * _GAP) / widest))

    def set_zoom(self, factor: float) -> None:
        """FACTOR, or 0 for as wide as there is room; the place in the text stays."""
        bar = self.verticalScrollBar()
        part = bar.value() / max(1, bar.maximum())
        self._zoom = factor
        self._measure()
        bar.setValue(round(part * bar.maximum()))
        self.zoomed.emit(self.zoom())

    def step_zoom(self, up: bool) -> None:
        """The next factor of the usual ones."""
        now = self.zoom()
        found = [z for z in _ZOOMS if (z > now + 0.01 if up else z < now - 0.01)]
        if found:
            self.set_zoom(found[0] if up else found[-1])

    def rects(self) -> list[QRectF]:
        """Where each sheet lies on the whole strip."""
        scale = self.zoom() * _SCREEN_DPI / 72
        strip = max([self.viewport().width(), *(w * scale + 2 * _GAP for w, _ in self.pages.sizes)])
        found, top = [], float(_GAP)
        for width, height in self.pages.sizes:
            found.append(QRectF((strip - width * scale) / 2, top, width * scale, height * scale))
            top += height * scale + _GAP
        return found

    def current(self) -> int:
        """The page in the middle of the window, from 0."""
        middle = self.verticalScrollBar().value() + self.viewport().height() / 2
        return next((n for n, r in enumerate(self.rects()) if middle < r.bottom() + _GAP), len(self.pages.sizes) - 1)

    def show_page(self, number: int) -> None:
        """Scroll to a page."""
        rects = self.rects()
        self.verticalScrollBar().setValue(round(rects[max(0, min(len(rects) - 1, number))].top()) - _GAP // 2)

    def _measure(self) -> None:
        rects = self.rects()
        high = rects[-1].bottom() + _GAP if rects else 0.0
        wide = max((r.width() for r in rects), default=0.0) + 2 * _GAP
        for bar, whole, room in (
            (self.verticalScrollBar(), high, self.viewport().height()),
            (self.horizontalScrollBar(), wide, self.viewport().width()),
        ):
            bar.setPageStep(room)
            bar.setSingleStep(40)
            bar.setRange(0, max(0, round(whole - room)))
        self.viewport().update()
        self.moved.emit(self.current())

    # --- drawing -------------------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), tokens.color("window"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        sight = QRectF(event.rect()).translated(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        dots = self._dots()
        for number, rect in enumerate(self.rects()):
            if not rect.intersects(sight):
                continue
            painter.fillRect(rect, Qt.GlobalColor.white)  # paper is white in the dark, too
            picture = self._picture(number, dots)
            if picture is not None:
                painter.drawImage(rect, picture)
            painter.setPen(tokens.color("border"))
            painter.drawRect(rect)

    def _dots(self) -> int:
        return round(self.zoom() * _SCREEN_DPI * self.devicePixelRatioF())

    def _picture(self, number: int, dots: int) -> QImage | None:
        """The page as sharp as it is wanted, or what there is of it meanwhile."""
        key = (number, dots)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        if key not in self._asked:
            self._asked.add(key)
            jobs.start(self, self._draw(key))
        return next((p for (n, _), p in reversed(self._pictures.items()) if n == number), None)

    async def _draw(self, key: tuple[int, int]) -> None:
        try:
            found = await self._ctx.pool.run(self.pages.render, *key)
        finally:
            self._asked.discard(key)
        if found is None:
            return
        self._pictures[key] = image_of(found)
        while len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        self.viewport().update()

    # --- keys and wheel ------------------------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()
        self.zoomed.emit(self.zoom())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_zoom(event.angleDelta().y() > 0)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar, key = self.verticalScrollBar(), event.key()
        last = len(self.pages.sizes) - 1
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            bar.setValue(bar.value() + bar.pageStep() - 40)
        elif key == Qt.Key.Key_PageUp:
            bar.setValue(bar.value() - bar.pageStep() + 40)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.show_page(0 if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.show_page(self.current() + (1 if key == Qt.Key.Key_Right else -1))
        else:
            super().keyPressEvent(event)


def image_of(page: PageImage) -> QImage:
    """A rendered page as Qt paints it, with memory of its own."""
    return QImage(page.data, page.width, page.height, page.stride, QImage.Format.Format_RGB32).copy()


class Paper(QFrame):
    """Covers PAGE until Esc: title, zoom, 打印, 保存 and the sheets. `closed()` when it goes."""

    closed = Signal()

    def __init__(self, page: QWidget, ctx: ViewContext, title: str, pages: Pages, data: bytes, name: str) -> None:
        super().__init__(page)
        self._page, self._ctx, self._data, self._name = page, ctx, data, name
        self._before = page.window().focusWidget()
        self.setObjectName("paper")
        self.setProperty("look", "sheet")
        self.setAccessibleName(title)
        self.view = PaperView(ctx, pages)
        self._where = words("", "secondary")
        self._zoom = button(
            "", lambda: self.view.set_zoom(0), look="quiet", name="paper.zoom", tip=tr("适合宽度") + "  Ctrl+0"
        )
        tip = f"{tr('保存 PDF')}  {shortcuts.shown('Ctrl+S')}"
        self.save = button(tr("保存 PDF"), self._ask_save, icon="download", name="paper.save", tip=tip)
        tip = f"{tr('打印…')}  {shortcuts.shown('Ctrl+P')}"
        self.print = button(tr("打印…"), self.ask_print, look="primary", icon="printer", name="paper.print", tip=tip)
        named = Elided(title, "section")
        named.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        head = row(
            named,
            self._where,
            None,
            icon_button(
                "zoom-out", tr("缩小"), lambda: self.view.step_zoom(False), shortcut="Ctrl+-", name="paper.smaller"
            ),
            self._zoom,
            icon_button(
                "zoom-in", tr("放大"), lambda: self.view.step_zoom(True), shortcut="Ctrl+=", name="paper.larger"
            ),
            12,
            self.save,
            self.print,
            icon_button("x", tr("关闭"), self.dismiss, shortcut="Esc", name="paper.close"),
            margins=(tokens.MARGIN, 10, 12, 10),
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(line())
        whole.addWidget(self.view, 1)
        self.view.moved.connect(self._tell)
        self.view.zoomed.connect(lambda factor: self._zoom.setText(f"{round(factor * 100)}%"))
        self._keys()
        page.installEventFilter(self)
        self.setGeometry(page.rect())
        self.show()
        self.raise_()
        self.view.setFocus()

    def _keys(self) -> None:
        for key, title, do in (
            ("Esc", tr("关闭"), self.dismiss),
            ("Ctrl+P", tr("打印…"), self.ask_print),
            ("Ctrl+S", tr("保存 PDF"), self._ask_save),
            ("Ctrl+=", tr("放大"), lambda: self.view.step_zoom(True)),
            ("Ctrl+-", tr("缩小"), lambda: self.view.step_zoom(False)),
            ("Ctrl+0", tr("适合宽度"), lambda: self.view.set_zoom(0)),
        ):
            shortcuts.register(self, key, title, do, group=tr("预览"))

    def _tell(self, number: int) -> None:
        self._where.setText(tr("第 {n} 页，共 {all} 页", n=number + 1, all=len(self.view.pages.sizes)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._page.rect())
        return False

    def focusNextPrevChild(self, next_: bool) -> bool:
        """Tab stays here."""
        super().focusNextPrevChild(next_)
        now = self.window().focusWidget()
        if now is None or not self.isAncestorOf(now):
            (self.view if next_ else self.print).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def dismiss(self) -> None:
        """Esc: the page again, with the keyboard where it was."""
        self._page.removeEventFilter(self)
        self.view.pages.close()
        self.hide()
        if self._before is not None:
            try:
                self._before.setFocus()
            except RuntimeError:  # the widget went meanwhile
                self._page.setFocus()
        self.closed.emit()
        self.deleteLater()

    # --- file ----------------------------------------------------------------------------------------------------------------
    def _ask_save(self) -> None:
        jobs.start(self, self._save())

    async def _save(self) -> None:
        path = await choose_save(self, tr("保存 PDF"), self._name, [tr("PDF 文件 (*.pdf)")])
        if path is None:
            return
        await self._ctx.pool.run(replace_file, path, self._data)
        opener = (tr("打开"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
        self._ctx.nav.toast(tr("已保存 {name}", name=path.name), tone="good", action=opener)  # type: ignore[arg-type]

    # --- printer -------------------------------------------------------------------------------------------------------------
    def ask_print(self) -> None:
        """The platform's own question which printer; where there is none it says so."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo

        if not QPrinterInfo.availablePrinterNames():
            self._ctx.nav.toast(tr("这台电脑没有装打印机；可以保存 PDF，再到别处打印。"), tone="bad")
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._name)
        printer.setFromTo(1, len(self.view.pages.sizes))
        dialog = QPrintDialog(printer, self)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)
        dialog.setMinMax(1, len(self.view.pages.sizes))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: jobs.start(self, self.print_on(printer)))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    async def print_on(self, printer: QPrinter) -> None:
        """The chosen pages on PRINTER, one after the other; a worker draws them."""
        sizes = self.view.pages.sizes
        first, last = printer.fromPage() or 1, printer.toPage() or len(sizes)
        painter: QPainter | None = None
        for number in range(first - 1, min(last, len(sizes))):
            found = await self._ctx.pool.run(self.view.pages.render, number, _PRINT_DPI)
            if found is None:
                break
            _lay_out(printer, sizes[number])
            if painter is None:
                painter = QPainter()
                if not painter.begin(printer):
                    raise InputError("file.not_writable", file=printer.printerName(), reason=tr("打印机没有接受任务"))
            else:
                printer.newPage()
            sheet = printer.pageLayout().fullRectPixels(printer.resolution())
            painter.drawImage(QRectF(0, 0, sheet.width(), sheet.height()), image_of(found))
        if painter is not None:
            painter.end()
            self._ctx.nav.toast(tr("已送到打印机"), tone="good")


def _lay_out(printer: QPrinter, size: Sequence[float]) -> None:
    """Paper of the page's own size and direction, to the edge."""
    wide = size[0] > size[1]
    paper = QPageSize(QSizeF(min(size), max(size)), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    direction = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(paper, direction, QMarginsF()))


async def show_paper(page: Any, title: str, data: bytes, name: str) -> Paper:
    """Show the PDF in DATA over PAGE (which has a `ctx`); NAME is offered when it is saved."""
    opener: Callable[[bytes], Pages] = Pages
    pages = await page.ctx.pool.run(opener, data)
    for old in page.findChildren(Paper):
        old.dismiss()
    return Paper(page, page.ctx, title, pages, data, name)
