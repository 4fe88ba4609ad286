"""How hard a passphrase is to guess, as a word and a bar."""

from __future__ import annotations

import itertools
import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import theme, tokens

MIN_LENGTH = 8
_COMMON = ("password", "12345678", "123456789", "qwertyui", "qwerty", "88888888", "11111111", "abc12345", "iloveyou")
_LEVELS = (("太短", "bad"), ("弱", "bad"), ("中等", "amber"), ("强", "good"))


def strength(passphrase: str) -> int:
    """0 too short · 1 weak · 2 fair · 3 strong: bits of a blind search by the kinds of characters, less for repetition.

    Below 40 bits weak, from 60 strong: argon2id with 64 MiB makes about ten guesses a second per core.
    """
    if len(passphrase) < MIN_LENGTH:
        return 0
    pool = 0
    for test, size in ((str.islower, 26), (str.isupper, 26), (str.isdigit, 10)):
        pool += size if any(test(c) for c in passphrase if c.isascii()) else 0
    pool += 33 if any(c.isascii() and not c.isalnum() for c in passphrase) else 0
    pool += 3000 if any(not c.isascii() for c in passphrase) else 0
    runs = sum(1 for a, b in itertools.pairwise(passphrase) if abs(ord(a) - ord(b)) > 1)
    bits = (1 + runs) * math.log2(max(pool, 2))
    lowered = passphrase.lower()
    if any(word in lowered for word in _COMMON):
        bits = min(bits, 30)
    return 1 if bits < 40 else 2 if bits < 60 else 3


class StrengthBar(QWidget):
    """Three pieces that fill, and the word."""

    def __init__(self) -> None:
        super().__init__()
        self.level = 0
        self._empty = True
        self.setFixedHeight(18)
        self.set_passphrase("")

    def set_passphrase(self, text: str) -> None:
        """Judge TEXT."""
        self._empty = not text
        self.level = strength(text)
        self.setAccessibleDescription("" if self._empty else tr(_LEVELS[self.level][0]))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        word, tone = _LEVELS[self.level]
        for i in range(3):
            on = not self._empty and i < max(self.level, 1)
            painter.setBrush(tokens.color(tone if on else "neutral_soft"))
            painter.drawRoundedRect(QRectF(i * 46, 7, 42, 4), 2, 2)
        if self._empty:
            word = "至少 8 个字符，越长越好；可以是一句话"
        painter.setPen(tokens.color("faint" if self._empty else tone))
        painter.setFont(theme.font(tokens.SMALL))
        painter.drawText(QRectF(146, 0, self.width() - 146, 18), int(Qt.AlignmentFlag.AlignVCenter), tr(word))
