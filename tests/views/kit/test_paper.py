"""The preview: sheets that scroll and zoom, a file, a printer, and the page back with its keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from presales_desktop.reports.pages import Pages
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import Elided
from presales_desktop.views.kit.dialogs import set_file_hook
from presales_desktop.views.kit.paper import Paper, image_of, show_paper


def pdf(pages: int = 3) -> bytes:
    """Sheets with a red square in the middle; the second lies across."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for n in range(pages):
        size = landscape(A4) if n == 1 else A4
        canvas.setPageSize(size)
        canvas.setFillColorRGB(1, 0, 0)
        canvas.rect(size[0] / 2 - 50, size[1] / 2 - 50, 100, 100, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class Page(QWidget):
    def __init__(self, ctx: Any) -> None:
        super().__init__()
        self.ctx = ctx
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)


@pytest.fixture
def paper(ctx: Any, qtbot: Any, show: Any) -> Iterator[Callable[..., Paper]]:
    def opened(data: bytes = b"") -> Paper:
        page = Page(ctx)
        show(page, 900, 600)
        page.field.setFocus()
        jobs.start(page, show_paper(page, "报价单", data or pdf(), "报价单.pdf"))
        qtbot.waitUntil(lambda: page.findChild(Paper) is not None)
        found = page.findChild(Paper)
        assert isinstance(found, Paper)
        return found

    yield opened
    set_file_hook(None)


def test_sheets_are_drawn_true_and_the_page_in_sight_is_told(paper: Any, qtbot: Any) -> None:
    at = paper()
    assert at.geometry() == at.parentWidget().rect()
    assert at._where.text() == "第 1 页，共 3 页"
    title = at.findChild(Elided)
    assert title is not None
    assert title.width() >= title.fontMetrics().horizontalAdvance("报价单")
    qtbot.waitUntil(lambda: bool(at.view._pictures))
    shown = at.view.grab().toImage()
    rect = at.view.rects()[0]
    assert QColor(shown.pixel(10, 300)) != QColor("white")
    assert QColor(shown.pixel(round(rect.left()) + 20, round(rect.top()) + 20)) == QColor("white")
    qtbot.keyClick(at.view, Qt.Key.Key_End)
    assert at._where.text() == "第 3 页，共 3 页"
    qtbot.keyClick(at.view, Qt.Key.Key_Left)
    assert at._where.text() == "第 2 页，共 3 页"


def test_zoom_goes_by_steps_keeps_the_place_and_fits_again(paper: Any, qtbot: Any) -> None:
    at = paper()
    fit = at.view.zoom()
    at.view.show_page(2)
    qtbot.keyClick(at, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert at.view.zoom() > fit
    assert at.view.current() == 2
    qtbot.keyClick(at, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(at, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert at.view.zoom() < fit
    qtbot.keyClick(at, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert at.view.zoom() == fit
    assert at._zoom.text() == f"{round(fit * 100)}%"
    at.parentWidget().resize(600, 500)
    assert at.width() == 600
    assert at.view.zoom() < fit


def test_it_saves_what_it_shows(paper: Any, qtbot: Any, tmp_path: Path, ctx: Any) -> None:
    at = paper()
    target = tmp_path / "报价单.pdf"
    set_file_hook(lambda mode, title, name: target if name == "报价单.pdf" else None)
    qtbot.keyClick(at.view, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(target.exists)
    qtbot.waitUntil(lambda: bool(ctx.nav.toasts))
    assert len(pypdfium2.PdfDocument(target)) == 3
    set_file_hook(lambda mode, title, name: target / name)  # a file is no folder
    at.save.click()
    qtbot.waitUntil(lambda: bool(ctx.nav.errors))
    assert ctx.nav.errors[0].code == "file.not_writable"


def test_escape_gives_the_page_back_with_its_keyboard(paper: Any, qtbot: Any) -> None:
    at = paper()
    page = at.parentWidget()
    with qtbot.waitSignal(at.closed):
        qtbot.keyClick(at.view, Qt.Key.Key_Escape)
    assert page.field.hasFocus()
    assert at.view.pages.render(0, 96) is None


def test_the_printer_gets_the_chosen_pages_in_their_direction(paper: Any, qtbot: Any, tmp_path: Path, ctx: Any) -> None:
    at = paper()
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    printer.setFromTo(1, 2)
    jobs.start(at, at.print_on(printer))
    qtbot.waitUntil(lambda: "已送到打印机" in ctx.nav.toasts)
    printed = Pages((tmp_path / "out.pdf").read_bytes())
    assert [(round(w), round(h)) for w, h in printed.sizes] == [(595, 842), (842, 595)]
    middle = image_of(printed.render(1, 72))  # type: ignore[arg-type]
    assert QColor(middle.pixel(421, 297)).red() > 200
    assert QColor(middle.pixel(421, 297)).green() < 60
    assert QColor(middle.pixel(40, 40)) == QColor("white")


def test_without_a_printer_it_says_what_to_do(paper: Any, monkeypatch: pytest.MonkeyPatch, ctx: Any) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", list)
    paper().print.click()
    assert any("没有装打印机" in t for t in ctx.nav.toasts)
