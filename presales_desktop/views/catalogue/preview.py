"""A product at a glance, beside the list: picture, figures, variants with prices, its light."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.services import catalogue, catalogue_images
from presales_desktop.services.catalogue import ProductShown
from presales_desktop.services.catalogue_lists import ProductRow
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr
from presales_desktop.views.catalogue.words import STATE_TONES, beam_of, polar_curves
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import Elided, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.polar import PolarChart
from presales_desktop.views.kit.states import Chip

_PICTURE = 180


def _read(work: Work, product_id: object, image: str | None) -> tuple[ProductShown, bytes | None]:
    shown = catalogue.show_public(work, product_id)  # type: ignore[arg-type]  # an id of a row
    return shown, catalogue_images.contents(work, [image]).get(image) if image else None


class ProductPreview(QWidget):
    """Reads one product and shows it."""

    def __init__(self, ctx: ViewContext, of: ProductRow) -> None:
        super().__init__()
        self._ctx = ctx
        self.setObjectName("product.preview")
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(16, 12, 16, 16)
        self._whole.setSpacing(8)
        jobs.start(self, self._load(of), self._failed)

    async def _load(self, of: ProductRow) -> None:
        shown, data = await self._ctx.db.run(_read, of.id, of.image_sha256)
        image = await self._ctx.pool.run(QImage.fromData, data) if data else QImage()
        self._fill(shown, image)

    def _failed(self, error: BaseException) -> None:
        text = lookup.error_text(error) if isinstance(error, PresalesError) else tr("没有读出来，请稍后重试。")
        self._whole.addWidget(words(text, "secondary", wrap=True))
        if not isinstance(error, PresalesError):
            jobs.report(error)

    def _fill(self, shown: ProductShown, image: QImage) -> None:
        if not image.isNull():
            picture = QLabel()
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            picture.setPixmap(QPixmap.fromImage(image).scaled(_PICTURE, _PICTURE, keep, smooth))
            picture.setAccessibleName(shown.name)
            self._whole.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self._whole.addWidget(words(shown.name, "section", wrap=True, selectable=True))
        line = row(words(shown.model_no, "secondary", selectable=True), gap=8)
        line.addWidget(Chip(lookup.state("product", shown.state), STATE_TONES.get(shown.state, "neutral")))
        line.addStretch(1)
        self._whole.addLayout(line)
        facts = [
            lookup.choice("product", name, getattr(shown, name))
            for name in ("category", "style", "mounting")
            if getattr(shown, name)
        ]
        facts += [p for p in (shown.ip_rating, tr("交货 {n} 天", n=shown.lead_days) if shown.lead_days else "") if p]
        self._whole.addWidget(words(" · ".join(facts), "secondary", wrap=True))
        for variant in shown.variants[:6]:
            told = row(Elided(variant.spec or variant.sku), gap=8)
            told.setStretch(0, 1)
            told.addWidget(words(fmt.money(variant.list_fen), "strong"))
            self._whole.addLayout(told)
        if len(shown.variants) > 6:
            self._whole.addWidget(words(tr("还有 {n} 个规格", n=len(shown.variants) - 6), "faint"))
        if shown.photometry:
            figures = shown.photometry[0].figures
            chart = PolarChart(polar_curves(figures), beam_deg=beam_of(figures), title=tr("光度"))
            chart.setFixedHeight(230)
            self._whole.addWidget(chart)
        if shown.description:
            self._whole.addWidget(words(shown.description, "secondary", wrap=True))
        self._whole.addStretch(1)
