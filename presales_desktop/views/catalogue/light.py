"""The light of a product: its photometric files, the polar diagram and key figures of the chosen one; drop files to attach them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.models.errors import InputError
from presales_desktop.services import catalogue_photometry, contents
from presales_desktop.services.catalogue import VariantShown
from presales_desktop.services.catalogue_photometry import PhotometryRow, warning_text
from presales_desktop.services.saving import replace_file
from presales_desktop.texts import tr
from presales_desktop.views.catalogue.light_import import choose_light_files, read_files
from presales_desktop.views.catalogue.words import beam_of, light_figures, polar_curves
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import button, clear, column, icon_button, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import choose_save
from presales_desktop.views.kit.polar import PolarChart

_CHART = 300
LIGHT_FILES = (".ies", ".ldt")


class Light(QWidget):
    """See the module. `rows` are the files; `show_rows` after each load of the page."""

    def __init__(self, ctx: ViewContext, page: QWidget, *, editable: bool) -> None:
        super().__init__()
        self._ctx, self._page, self._editable = ctx, page, editable
        self._product: UUID | None = None
        self.rows: tuple[PhotometryRow, ...] = ()
        self.setObjectName("product.light")
        self.files = QComboBox()
        self.files.setObjectName("product.light.files")
        self.files.setAccessibleName(tr("光度文件"))
        self.files.currentIndexChanged.connect(lambda _index: self._show())
        self.target = QComboBox()
        self.target.setObjectName("product.light.target")
        self.target.setAccessibleName(tr("添加到"))
        self._remove = icon_button("trash-2", tr("移除此文件"), self.remove, name="product.light.remove")
        self._save = icon_button("download", tr("另存为"), self.save_as, name="product.light.save")
        self._add = button(tr("添加光度文件"), self.choose, icon="plus", name="product.light.add")
        self._to = words(tr("添加到"), "secondary")
        self.chart = PolarChart((), title=tr("配光曲线"))
        self.chart.setObjectName("product.light.chart")
        self.chart.setFixedSize(_CHART + 40, _CHART)
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(16)
        self._figures.setVerticalSpacing(6)
        self._warnings = column(gap=4)
        self._hint = words("", "secondary", wrap=True)
        self._whole()
        self.setAcceptDrops(editable)
        self.show_rows(None, (), ())

    def _whole(self) -> None:
        self._bar = QWidget()
        self._bar.setLayout(row(self.files, self._save, self._remove, None))
        adding = row(self._to, self.target, self._add, None)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addLayout(self._figures)
        right.addLayout(self._warnings)
        right.addStretch(1)
        self._shown = QWidget()
        both = QHBoxLayout(self._shown)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(24)
        both.addWidget(self.chart, 0, Qt.AlignmentFlag.AlignTop)
        both.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        for part in (self._hint, self._bar, self._shown):
            whole.addWidget(part)
        whole.addLayout(adding)

    def show_rows(
        self, product_id: UUID | None, rows: Sequence[PhotometryRow], variants: Sequence[VariantShown]
    ) -> None:
        """The files of a product, and the variants that one may be attached to."""
        self._product = product_id
        kept = self.files.currentData()
        self.rows = tuple(rows)
        self.files.blockSignals(True)
        self.files.clear()
        for each in self.rows:
            self.files.addItem(f"{each.sku} · {each.name}" if each.sku else each.name, each.id)
        place = next((n for n, each in enumerate(self.rows) if each.id == kept), 0)
        self.files.setCurrentIndex(place if self.rows else -1)
        self.files.blockSignals(False)
        chosen = self.target.currentData()
        self.target.clear()
        self.target.addItem(tr("全部规格"), None)
        for variant in variants:
            self.target.addItem(variant.sku, variant.id)
        self.target.setCurrentIndex(max(0, self.target.findData(chosen)))
        can = self._editable and product_id is not None
        for part in (self._add, self._to, self.target):
            part.setVisible(can)
        self._remove.setVisible(can)
        self._bar.setVisible(bool(self.rows))
        self._hint.setVisible(not self.rows)
        self._hint.setText(
            tr("把 IES 或 LDT 文件拖到这里：有了光度文件，方案设计才能计算这款灯的照度。")
            if can
            else tr("还没有光度文件，方案设计不能计算这款灯的照度。")
        )
        self._show()

    def current(self) -> PhotometryRow | None:
        """The file that is shown."""
        place = self.files.currentIndex()
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def _show(self) -> None:
        found = self.current()
        self._shown.setVisible(found is not None)
        if found is None:
            return
        self.chart.set_curves(polar_curves(found.figures), beam_deg=beam_of(found.figures))
        while (item := self._figures.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        pairs = [*light_figures(found.figures), (tr("格式"), found.format)]
        for n, (label, value) in enumerate(pairs):
            line, place = divmod(n, 2)
            self._figures.addWidget(words(label, "secondary"), line, 2 * place)
            self._figures.addWidget(words(value, "strong", selectable=True), line, 2 * place + 1)
        self._figures.setColumnStretch(4, 1)
        clear(self._warnings)
        for warning in found.figures.get("warnings") or []:
            holder = QWidget()
            holder.setLayout(row(icon_label("triangle-alert", tone="amber"), words(warning_text(warning), wrap=True)))
            self._warnings.addWidget(holder)
        if found.demo:
            self._warnings.addWidget(words(tr("演示数据：由公式计算，非实测。"), "faint", wrap=True))

    # doing

    def choose(self) -> None:
        """Ask for a file."""
        jobs.start(self, self._choose(), self._failed)

    async def _choose(self) -> None:
        paths = await choose_light_files(self._page, several=False)
        await self._attach(paths)

    def attach(self, paths: Sequence[Path]) -> None:
        """Attach files that were dropped; several: the last stays for the same variants."""
        jobs.start(self, self._attach(paths), self._failed)

    async def _attach(self, paths: Sequence[Path]) -> None:
        if self._product is None or not self._editable:
            return
        for path in paths:
            files, failed = await self._ctx.pool.run(read_files, [path])
            if failed:
                values = dict(failed[0].values)
                raise InputError(failed[0].code, file=values["file"], reason=values["reason"])
            name, data = files[0]
            parsed = await self._ctx.pool.run(catalogue_photometry.parse, data, name)
            await self._ctx.db.run(
                catalogue_photometry.put, self._product, name, data, parsed, self.target.currentData()
            )
            self._ctx.nav.toast(tr("已添加 {file}", file=name), tone="good")

    def remove(self) -> None:
        """Take the shown file off; the message offers to put it back."""
        jobs.start(self, self._take_off(), self._failed)

    async def _take_off(self) -> None:
        found, product_id = self.current(), self._product
        if found is None or product_id is None:
            return
        data = await self._ctx.db.run(contents.blob, found.sha256)
        await self._ctx.db.run(catalogue_photometry.detach, found.id)

        def back() -> None:
            step = self._ctx.db.run(
                catalogue_photometry.attach, product_id, found.name, data, found.variant_id, demo=found.demo
            )
            step.add_done(lambda: None)

        self._ctx.nav.toast(tr("已移除 {file}", file=found.name), action=(tr("撤销"), back))

    def save_as(self) -> None:
        """Write the shown file to disk, byte for byte."""
        jobs.start(self, self._save_as(), self._failed)

    async def _save_as(self) -> None:
        found = self.current()
        if found is None:
            return
        path = await choose_save(self._page, tr("另存为"), found.name, [f"*{Path(found.name).suffix}"])
        if path is not None:
            data = await self._ctx.db.run(contents.blob, found.sha256)
            await self._ctx.pool.run(replace_file, path, data)
            self._ctx.nav.toast(tr("已保存到 {file}", file=path.name), tone="good")

    def _failed(self, error: BaseException) -> None:
        self._ctx.nav.show_error(error, self._page)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._product is not None and light_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.attach(light_files(event))


def light_files(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [p for p in paths if p.suffix.lower() in LIGHT_FILES]
