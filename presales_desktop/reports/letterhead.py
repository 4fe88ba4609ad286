"""The company's letterhead: name, address and numbers at the left and right, the document's title below."""

from __future__ import annotations

from reportlab.platypus import Flowable

from presales_desktop.reports import typeset
from presales_desktop.reports.codes import CODE_SIZE, draw_code
from presales_desktop.reports.frame import ACCENT, GREY, Style, draw_line, ink
from presales_desktop.reports.typeset import BOLD, REGULAR
from presales_desktop.services.company import Letterhead
from presales_desktop.texts import Language, tr_in

_NAME = Style(BOLD, 13.5)
_SMALL = Style(REGULAR, 7.5, color=GREY)
_RIGHT = Style(REGULAR, 7.5, color=GREY, align="right")
_TITLE = Style(BOLD, 19, align="center")
_NUMBER = Style(REGULAR, 9, color=GREY, align="center")


class Head(Flowable):  # type: ignore[misc]  # reportlab has no types
    """Letterhead, a rule in the accent colour, the title in the middle and the document's number under it.

    `code`: what the QR code at the right says (models/proofs.py), "" for none.
    """

    def __init__(self, company: Letterhead, lang: Language, title: str, number: str = "", code: str = "") -> None:
        super().__init__()
        self.code = code
        english = lang == "en"
        self.name = typeset.clean((company.name_en or company.name) if english else company.name)
        self.second = typeset.clean(company.name if english else company.name_en)
        self.lines = [
            typeset.clean(line)
            for line in (
                company.address,
                "   ".join(filter(None, (_said(lang, "电话", company.phone), company.email))),
                "   ".join(filter(None, (company.website, _said(lang, "税号", company.tax_no)))),
            )
            if line.strip()
        ]
        self.title, self.number = typeset.clean(title), typeset.clean(number)
        self.height = 92.0 if number else 78.0

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self.width = space
        return space, self.height

    def draw(self) -> None:
        top = self.height
        half = self.width / 2
        draw_line(self.canv, self.name, 0, top - 13, _NAME, half + 20, shrink=True)
        if self.second and self.second != self.name:
            draw_line(self.canv, self.second, 0, top - 25, _SMALL, half + 20, shrink=True)
        for n, line in enumerate(self.lines):
            draw_line(self.canv, line, half + 24, top - 9 - n * 10.5, _RIGHT, half - 24, shrink=True)
        self.canv.setFillColor(ink(ACCENT))
        self.canv.rect(0, top - 38, self.width, 1.6, stroke=0, fill=1)
        draw_line(self.canv, self.title, 0, top - 64, _TITLE, self.width)
        if self.number:
            draw_line(self.canv, self.number, 0, top - 79, _NUMBER, self.width)
        if self.code:
            draw_code(self.canv, self.code, self.width - CODE_SIZE, top - 41 - CODE_SIZE)


def _said(lang: Language, label: str, value: str) -> str:
    return f"{tr_in(lang, label)} {value}" if value else ""
