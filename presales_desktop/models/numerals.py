"""Chinese numerals of clause and chapter numbers."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "零一二三四五六七八九"


def numeral(n: int) -> str:
    """1 to 199 in words: 12 → 十二, 105 → 一百零五. Raises ValueError outside."""
    if not 0 <= n < 200:
        raise ValueError(n)
    if n < 10:
        return _DIGITS[n]
    if n < 20:
        return "十" + (_DIGITS[n % 10] if n % 10 else "")
    if n < 100:
        return _DIGITS[n // 10] + "十" + (_DIGITS[n % 10] if n % 10 else "")
    rest = n % 100
    if not rest:
        return "一百"
    return "一百" + ("零" if rest < 10 else "") + ("一" if 10 <= rest < 20 else "") + numeral(rest)
