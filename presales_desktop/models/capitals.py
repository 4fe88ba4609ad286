"""Amounts in Chinese capitals (人民币大写), from whole fen; and back, to prove the writing.

Wording after 支付结算办法, annex 1: 人民币 stands before without a gap; an amount that ends in 元 carries 整; after 角 the 整 is left
out; zeros inside are said once; 元 with 分 but no 角 says 零 between them.
"""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("仟", "佰", "拾", "")
_LIMIT: Final = 10**18

_VALUE: Final = {char: n for n, char in enumerate(_DIGITS)}
_PLACE: Final = {"拾": 10, "佰": 100, "仟": 1000}
_PARTS: Final = re.compile(
    r"人民币(负?)(?:(.+?)元)?(?:整|零?(?:([壹贰叁肆伍陆柒捌玖])角)?(?:零?([壹贰叁肆伍陆柒捌玖])分)?)$"
)


def capitals(fen: int) -> str:
    """FEN in words: 168032 → 人民币壹仟陆佰捌拾元叁角贰分. Raises ValueError from 10^18 fen on."""
    if abs(fen) >= _LIMIT:
        raise ValueError(str(fen))
    yuan, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    sign = "负" if fen < 0 else ""
    said = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"人民币{sign}{said or '零元'}整"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif yuan:
        said += "零"
    if cents:
        said += f"{_DIGITS[cents]}分"
    return f"人民币{sign}{said}"


_ONES: Final = [
    "ZERO",
    "ONE",
    "TWO",
    "THREE",
    "FOUR",
    "FIVE",
    "SIX",
    "SEVEN",
    "EIGHT",
    "NINE",
    "TEN",
    "ELEVEN",
    "TWELVE",
    "THIRTEEN",
    "FOURTEEN",
    "FIFTEEN",
    "SIXTEEN",
    "SEVENTEEN",
    "EIGHTEEN",
    "NINETEEN",
]
_TENS: Final = ["_", "_", "TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"]
_STEPS: Final = ((10**12, "TRILLION"), (10**9, "BILLION"), (10**6, "MILLION"), (10**3, "THOUSAND"))
_UNITS: Final = {
    "USD": ("US DOLLARS", "CENTS"),
    "EUR": ("EUROS", "CENTS"),
    "GBP": ("POUNDS STERLING", "PENCE"),
    "HKD": ("HONG KONG DOLLARS", "CENTS"),
    "SGD": ("SINGAPORE DOLLARS", "CENTS"),
    "AUD": ("AUSTRALIAN DOLLARS", "CENTS"),
    "AED": ("UAE DIRHAMS", "FILS"),
}


def in_words(amount: int, currency: str) -> str:
    """An AMOUNT in hundredths of CURRENCY in words: capitals for yuan, else as trade papers write it:
    SAY US DOLLARS ONE THOUSAND TWO HUNDRED AND CENTS FIFTY ONLY. Raises ValueError from 10^17 hundredths on."""
    if currency == "CNY":
        return capitals(amount)
    if abs(amount) >= 10**17:
        raise ValueError(str(amount))
    unit, small = _UNITS.get(currency, (currency, "HUNDREDTHS"))
    whole, cents = divmod(abs(amount), 100)
    sign = "MINUS " if amount < 0 else ""
    said = f"SAY {sign}{unit} {english(whole)}"
    return f"{said} AND {small} {english(cents)} ONLY" if cents else f"{said} ONLY"


def english(n: int) -> str:
    """A whole number (not negative, under 10^15) in English capitals."""
    for step, name in _STEPS:
        if n >= step:
            head, rest = divmod(n, step)
            return f"{english(head)} {name}" + (f" {english(rest)}" if rest else "")
    if n >= 100:
        return f"{_ONES[n // 100]} HUNDRED" + (f" AND {english(n % 100)}" if n % 100 else "")
    if n >= 20:
        return _TENS[n // 10] + (f"-{_ONES[n % 10]}" if n % 10 else "")
    return _ONES[n]


def _whole(n: int) -> str:
    """A whole number from 1 on; 万 within 亿 within 万亿."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if n >= unit:
            head, rest = divmod(n, unit)
            gap = "零" if rest and rest < unit // 10 else ""
            return f"{_whole(head)}{name}{gap}{_whole(rest) if rest else ''}"
    return _thousands(n)


def _thousands(n: int) -> str:
    said, gap = "", False
    for digit, place in zip(f"{n:04d}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGITS[int(digit)] + place
        gap = False
    return said


def read_capitals(text: str) -> int:
    """Capitals back to fen. Raises ValueError for what is not an amount in capitals."""
    match = _PARTS.fullmatch(text.strip())
    if match is None or not any(match.group(2, 3, 4)):
        raise ValueError(text)
    sign, yuan, jiao, cents = match.groups()
    try:
        whole = _read_whole(yuan) if yuan else 0
    except ValueError:
        raise ValueError(text) from None
    fen = whole * 100 + _VALUE.get(jiao or "", 0) * 10 + _VALUE.get(cents or "", 0)
    return -fen if sign else fen


def _read_whole(text: str) -> int:
    if text == "零":
        return 0
    for name, unit in (("亿", 10**8), ("万", 10**4)):
        head, mark, rest = text.rpartition(name)
        if mark:
            return _read_whole(head) * unit + (_read_whole(rest.removeprefix("零")) if rest else 0)
    total, digit = 0, 0
    for char in text:
        if char in _PLACE:
            if not digit:
                raise ValueError(text)
            total, digit = total + digit * _PLACE[char], 0
        elif char in _VALUE and not digit:
            digit = _VALUE[char]
        else:
            raise ValueError(text)
    return total + digit
