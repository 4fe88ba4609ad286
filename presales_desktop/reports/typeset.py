"""Setting Chinese and English text on paper: fonts, widths, line breaking and the check that every character has a glyph.

Line breaking is a small rule of our own (kinsoku): no line begins with a closing mark (，。、）…), none ends with an opening one,
and amounts, numbers with their unit and Latin words are never split.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from presales_desktop.models.errors import InputError
from presales_desktop.paths import resource

REGULAR = "NotoSansSC"
BOLD = "NotoSansSC-SemiBold"
_FILES = {REGULAR: "fonts/NotoSansSC-Regular.ttf", BOLD: "fonts/NotoSansSC-SemiBold.ttf"}
_lock = threading.Lock()

NOT_AT_START = frozenset("，。、；：？！）】》〉」』”’…—～·,.;:?!)]}%％℃°〕｝")
NOT_AT_END = frozenset("（【《〈「『“‘([{¥￥$〔｛")
# (RMB) ¥ number, then its unit: \u4e07\u5143 ten thousand yuan, \u5143 yuan, \u89d2 \u5206 its parts
_TOKEN = re.compile(
    r"\n| +"
    r"|(?:\u4eba\u6c11\u5e01)?[¥￥$]?[-+−]?\d[\d,.]*(?:\s?(?:\u4e07\u5143|\u5143|\u89d2|\u5206|%|％|‰|℃|°|㎡|mm|cm|m²|m|lm|lx|W|K|V))?(?![\w])"
    r"|[!-~\u00a1-\u024f\u0370-\u03ff]+"
    r"|."
)


@cache
def _load() -> dict[str, TTFont]:
    made = {name: TTFont(name, str(resource(file))) for name, file in _FILES.items()}
    for font in made.values():
        pdfmetrics.registerFont(font)
    return made


def font(name: str) -> TTFont:
    """The registered TrueType font; parsed once per process (0.1 s each)."""
    with _lock:
        return _load()[name]


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """TEXT as it is set: composed (NFC), other spaces made plain, control and zero-width characters dropped, \\n kept."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    made = []
    for char in text:
        if char == "\n":
            made.append(char)
        elif char in "\t\v\f" or (char.isspace() and char != "\u3000"):
            made.append(" ")
        elif unicodedata.category(char) not in ("Cc", "Cf") and not 0xFE00 <= ord(char) <= 0xFE0F:
            made.append(char)
    return "".join(made)


def check(text: str, name: str = REGULAR) -> None:
    """Raise InputError report.glyph_missing for characters that the font can't show: none is dropped silently."""
    known = font(name).face.charToGlyph
    missing = [char for char in dict.fromkeys(text) if char != "\n" and ord(char) not in known]
    if missing:
        named = " ".join(f"{char} (U+{ord(char):04X})" for char in missing[:8])
        raise InputError("report.glyph_missing", chars=named, text=text.strip()[:40])


@lru_cache(maxsize=8192)
def width(text: str, name: str, size: float) -> float:
    """Width of one line of TEXT in points."""
    face = font(name).face
    widths, default = face.charWidths, face.defaultWidth
    return float(sum(widths.get(ord(char), default) for char in text) * size / 1000)


def fit(text: str, name: str, size: float, space: float, least: float = 4.0) -> float:
    """The size, at most SIZE, at which TEXT stands on one line of SPACE points; never under LEAST."""
    needed = width(text, name, size)
    return size if needed <= space or needed == 0 else max(least, size * space / needed)


def tokens(text: str) -> list[str]:
    """TEXT in pieces that are never split: amounts, words, single Chinese characters with the marks that cling to them."""
    made: list[str] = []
    for piece in _TOKEN.findall(text):
        breakable = piece.isspace() or not made or made[-1].isspace()
        clings = not breakable and (piece[0] in NOT_AT_START or made[-1][-1] in NOT_AT_END)
        if clings:
            made[-1] += piece
        else:
            made.append(piece)
    return made


@lru_cache(maxsize=4096)
def lines(text: str, name: str, size: float, space: float) -> tuple[str, ...]:
    """TEXT broken into lines of at most SPACE points. A piece wider than the whole line (a long code) is cut where it must be."""
    made: list[str] = []
    current, used = "", 0.0
    for piece in tokens(text):
        if piece == "\n":
            made.append(current.rstrip())
            current, used = "", 0.0
            continue
        needed = width(piece, name, size)
        if used + needed <= space + 0.01:
            current, used = current + piece, used + needed
            continue
        if piece.isspace():
            made.append(current.rstrip())
            current, used = "", 0.0
            continue
        if current.strip():
            made.append(current.rstrip())
        *full, current = _cut(piece, name, size, space)
        made.extend(full)
        used = width(current, name, size)
    made.append(current.rstrip())
    return tuple(made)


def _cut(piece: str, name: str, size: float, space: float) -> list[str]:
    """PIECE in parts that fit; one part in the normal case. Codes are cut after a hyphen or slash where there is one."""
    if width(piece, name, size) <= space + 0.01:
        return [piece]
    parts, current, used = [], "", 0.0
    for char in piece:
        needed = width(char, name, size)
        if current and used + needed > space + 0.01:
            at = max(current.rfind(mark) for mark in "-/_·") + 1
            kept = current[:at] if at > 1 else current
            parts.append(kept)
            current = current[len(kept) :]
            used = width(current, name, size)
        current, used = current + char, used + needed
    return [*parts, current]
