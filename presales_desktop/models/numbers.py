"""Numbers that people use (KH20261124-007): given once and never again.

A workspace without a server counts by series and day. One that is connected gives a provisional number, unique on the device, and the
server puts the final one in its place with the commit that makes the record. No number is part of a content that is approved or signed.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

SERIES: Final = {
    "customer": "KH", "case": "XM", "survey": "XQ", "design": "FA", "quote": "BJ", "contract": "HT", "credit": "XY",
    "credit_exception": "XL", "price_change": "TJ",
}  # fmt: skip
PROVISIONAL: Final = "临"
_PROVISIONAL: Final = re.compile(rf"{PROVISIONAL}D\d+-\d{{4,}}")


def series(prefix: str, day: dt.date) -> str:
    """The series of a day: BJ20261124."""
    return f"{prefix}{day:%Y%m%d}"


def final(series_name: str, n: int) -> str:
    """The N-th number of a series: BJ20261124-007."""
    return f"{series_name}-{n:03d}"


def device_series(device: int) -> str:
    """The series of provisional numbers of a device: 临D7."""
    return f"{PROVISIONAL}D{device}"


def provisional(device: int, n: int) -> str:
    """The N-th provisional number of a device: 临D7-0012."""
    return f"{device_series(device)}-{n:04d}"


def is_provisional(number: str) -> bool:
    """Whether NUMBER waits for the server's."""
    return number.startswith(PROVISIONAL)


def with_final(text: str, number: str) -> str:
    """TEXT (how the journal named a record when it was made) with a provisional number replaced by NUMBER."""
    return _PROVISIONAL.sub(number, text) if PROVISIONAL in text and not is_provisional(number) else text
