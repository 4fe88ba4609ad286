"""Pages of a finished PDF as pictures, for looking at and printing. No Qt; PDFium is loaded with the first document."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Any

# PDFium is not made for several threads at once, whichever document they work on.
_LOCK = threading.Lock()


def text_of(data: bytes) -> list[str]:
    """The text of each page of the PDF DATA, as it can be selected; "" for a page that is only a picture.

    Raises PermissionError for one that asks for a password, ValueError for what cannot be read.
    """
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise PermissionError(str(error)) from None
            raise ValueError(str(error)) from None
        try:
            made = []
            for n in range(len(document)):
                page = document[n]
                words = page.get_textpage()
                made.append(str(words.get_text_range()))
                words.close()
                page.close()
            return made
        except pypdfium2.PdfiumError as error:
            raise ValueError(str(error)) from None
        finally:
            document.close()


@dataclass(frozen=True)
class PageImage:
    """A rendered page: 32-bit rows of blue, green, red and an unused byte, STRIDE bytes each."""

    width: int
    height: int
    stride: int
    data: bytes


def picture(data: bytes, dots_per_inch: float) -> bytes:
    """All pages of the PDF DATA below one another as one PNG."""
    from PIL import Image

    document = Pages(data)
    try:
        found = [document.render(n, dots_per_inch) for n in range(len(document.sizes))]
    finally:
        document.close()
    images = [
        Image.frombuffer("RGB", (p.width, p.height), p.data, "raw", "BGRX", p.stride, 1) for p in found if p is not None
    ]
    whole = Image.new("RGB", (max(i.width for i in images), sum(i.height for i in images)), "white")
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    out = io.BytesIO()
    whole.save(out, "PNG", optimize=True, dpi=(dots_per_inch, dots_per_inch))
    return out.getvalue()


class Pages:
    """A PDF in memory. Safe to use from worker threads; `close()` when it is no longer shown."""

    def __init__(self, data: bytes) -> None:
        """Open DATA. Raises ValueError for what is no PDF."""
        import pypdfium2

        with _LOCK:
            try:
                self._document: Any = pypdfium2.PdfDocument(data)
            except pypdfium2.PdfiumError as error:
                raise ValueError(str(error)) from None
            self.sizes: tuple[tuple[float, float], ...] = tuple(
                self._document.get_page_size(n) for n in range(len(self._document))
            )
            """Width and height of each page in points (1/72 inch)."""

    def render(self, number: int, dots_per_inch: float) -> PageImage | None:
        """Page NUMBER (from 0) on white; None once the document is closed."""
        with _LOCK:
            if self._document is None:
                return None
            page = self._document[number]
            bitmap = page.render(scale=dots_per_inch / 72, prefer_bgrx=True)
            made = PageImage(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
            bitmap.close()
            page.close()
            return made

    def close(self) -> None:
        """Give the memory back."""
        with _LOCK:
            if self._document is not None:
                self._document.close()
                self._document = None
