"""What photometric files say about their lamps in free text: colour temperature and colour rendering."""

from __future__ import annotations

import re
from dataclasses import dataclass

_KELVIN = re.compile(r"(?<!\d)([1-9]\d{3,4})\s*(?:K|k|\b)")
_NUMBER = re.compile(r"(?<!\d)(\d{2,3})(?!\d)")
_WARMEST_K, _COLDEST_K = 1500, 20_000
# Colour rendering groups of DIN 5035 and CIE 29.2: their lower ends.
_GROUPS = {"1A": 90, "1B": 80, "2A": 70, "2B": 60, "3": 40, "4": 20}
# Codes of lamp makers: 840 is Ra 80 to 89 and 4000 K.
_CODE = re.compile(r"(?<!\d)([6-9])(18|2[257]|30|35|40|50|57|65)(?!\d)")


@dataclass(frozen=True, slots=True)
class LampSet:
    """One of a file's lamp sets: how many lamps, what they are, their flux (lm, all together) and watts."""

    number: float
    kind: str
    flux_lm: float
    watts: float
    cct_k: int | None = None
    ra: int | None = None


def kelvin_in(text: str) -> int | None:
    """The colour temperature in K that a text names ("3000K", "CCT 4000", "LED 840"), None if it names none."""
    for match in _KELVIN.finditer(text):
        value = int(match.group(1))
        # A flux stands beside its unit.
        after = text[match.end() :].lstrip().lower()
        if _WARMEST_K <= value <= _COLDEST_K and not after.startswith(("lm", "lumen", "cd", "h", "w")):
            return value
    code = _CODE.search(text)
    return int(code.group(2)) * 100 if code else None


def ra_in(text: str) -> int | None:
    """The colour rendering index that a text names ("80", "Ra >= 90", "1B", "840"), None if it names none."""
    group = text.strip().upper()
    if group in _GROUPS:
        return _GROUPS[group]
    code = _CODE.search(text)
    if code:
        return int(code.group(1)) * 10
    return next((int(m) for m in _NUMBER.findall(text) if 10 <= int(m) <= 100), None)
