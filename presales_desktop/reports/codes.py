"""The QR code on paper that may go out: number, content and total, bound by the company's key (models/proofs.py)."""

from __future__ import annotations

from typing import Final

from reportlab.graphics.barcode.qr import QrCode
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from presales_desktop.reports.frame import INK, ink

CODE_SIZE: Final = 50.0  # with two modules of quiet zone about 0.45 mm each: a phone reads it off paper


def draw_code(canvas: Canvas, text: str, x: float, y: float, size: float = CODE_SIZE) -> None:
    """TEXT as a code whose lower left corner is X, Y."""
    canvas.setFillColor(ink(INK))
    QrCode(text, width=size, height=size, qrBorder=2).drawOn(canvas, x, y)


class CodeAtRight(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A code at the right edge, beside what follows: it takes no room of its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.height = 0.0

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self.width = space
        return space, 0.0

    def draw(self) -> None:
        if self.text:
            draw_code(self.canv, self.text, self.width - CODE_SIZE, -CODE_SIZE)
