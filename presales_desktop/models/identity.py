"""Who a customer is: the key a name is compared by, the key of a phone number, and the check digit of a 统一社会信用代码.

Pure functions. Two spellings of one company must give one key: 中山市古镇星辉灯饰有限公司, 中山古镇星辉灯饰厂 → 星辉.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from presales_desktop.models.errors import Problem
from presales_desktop.models.regions import PLACES

# GB 32100-2015, table 2: the 31 characters (no I, O, S, V, Z) and, in 5.2.2, the weights 3^(i-1) mod 31 of the first 17
USCC_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))
USCC_LENGTH: Final = 18


def _longest_first(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=len, reverse=True))


_LEGAL: Final = _longest_first(
    "有限责任公司 股份有限公司 集团股份有限公司 集团有限公司 有限公司 控股集团 集团公司 总公司 分公司 子公司 公司 集团 控股 厂 工厂 "
    "经营部 门市部 营业部 专营店 专卖店 旗舰店 商行 商店 工作室 事务所 合伙企业 有限合伙 普通合伙 个体工商户 "
    "coltd ltd limited inc llc corp company"
)
_TRADE: Final = _longest_first(
    "灯饰照明 照明灯饰 灯饰 照明 灯具 灯光 光电 照明电器 照明科技 照明工程 照明设计 电器 电子 科技 技术 实业 贸易 商贸 发展 国际 工程 "
    "装饰 装修 装潢 建筑 设计 投资 置业 房地产开发 房地产 地产 开发 酒店 大酒店 酒店管理 饭店 餐饮 餐饮管理 管理 服务 文化 传媒 顾问 咨询 "
    "进出口 店 中心 lighting technology trading"
)
_ALL: Final = _longest_first(" ".join(_LEGAL + _TRADE))
_BY_LENGTH: Final = tuple(sorted({len(p) for p in PLACES}, reverse=True))
_ADMIN = re.compile(r"^[\u4e00-\u9fff]{2,4}?(?:特别行政区|自治区|自治州|自治县|地区|省|市|县|区|镇|街道)")
_PHONE_SPLIT = re.compile(r"[/,;、，；|\n]| 或 ")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#).*$", re.IGNORECASE)
_EMAIL = re.compile(r"^[^@\s<>()，,;；]+@[^@\s<>()，,;；.]+(?:\.[^@\s<>()，,;；.]+)+$")
_MIN_CORE = 2
_MIN_PHONE = 7


@cache
def _dropped() -> re.Pattern[str]:
    # To compile such a wide set takes as long as to import a small library: only who needs it waits.
    return re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U0003ffff]+")


def folded(name: str) -> str:
    """Half width, lower case, without spaces and punctuation."""
    return _dropped().sub("", unicodedata.normalize("NFKC", name).lower())


@lru_cache(maxsize=8192)
def name_key(name: str) -> str:
    """What duplicates are found by: NAME without region prefix, region in brackets, legal suffix and trade words.

    Where nothing distinctive would remain (中山灯饰厂) the longest form that has at least two characters stays. Idempotent
    enough for its use: equal companies in common spellings give equal keys; it is never shown.
    """
    bare = _without_bracketed_places(name)
    whole = folded(bare) or folded(name)
    local = _without_places(_without_suffixes(whole, _LEGAL))
    core = _without_suffixes(local, _ALL)
    for candidate in (core, local):
        if len(candidate) >= _MIN_CORE:
            return candidate
    return whole


def _without_bracketed_places(name: str) -> str:
    """欧普照明（上海）有限公司 → 欧普照明有限公司: a place in brackets says where, not who."""

    def replace(found: re.Match[str]) -> str:
        inside = folded(found[1])
        return "" if inside in PLACES or _ADMIN.sub("", inside) == "" else found[0]

    return re.sub(r"\(([^()]{1,12})\)", replace, unicodedata.normalize("NFKC", name))


def _without_places(name: str) -> str:
    rest = name
    while True:
        cut = _place_length(rest)
        if cut == 0 or len(rest) - cut < _MIN_CORE:
            return rest
        rest = rest[cut:]


def _place_length(name: str) -> int:
    for length in _BY_LENGTH:
        if name[:length] in PLACES:
            after = name[length : length + 1]
            return length + (1 if after and after in "省市县区镇州" else 0)
    found = _ADMIN.match(name)
    return found.end() if found else 0


def _without_suffixes(name: str, words: tuple[str, ...]) -> str:
    rest = name
    while True:
        word = next((w for w in words if rest.endswith(w) and len(rest) - len(w) >= _MIN_CORE), None)
        if word is None:
            return rest
        rest = rest[: -len(word)]


def phone_key(phone: str) -> str:
    """The digits of the first number in PHONE: country code 86 and extension dropped; "" for fewer than seven digits."""
    for piece in _PHONE_SPLIT.split(unicodedata.normalize("NFKC", phone)):
        digits = re.sub(r"\D", "", _EXTENSION.sub("", piece))
        if digits.startswith("0086"):
            digits = digits[4:]
        elif digits.startswith("86") and len(digits) >= 12:
            digits = digits[2:]
        if len(digits) >= _MIN_PHONE:
            return digits
    return ""


def uscc_clean(code: str) -> str:
    """Half width capitals without spaces and hyphens."""
    tight = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", code)).upper()
    # What stood apart may compose once the space between is gone.
    return unicodedata.normalize("NFKC", tight)


def uscc_check_character(first17: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015, 5.2.3: 31 - Σ Ci·Wi mod 31, 31 counting as 0).

    Raises ValueError for a character that the standard does not know, or another length.
    """
    if len(first17) != USCC_LENGTH - 1:
        raise ValueError(first17)
    total = sum(USCC_CHARACTERS.index(c) * w for c, w in zip(first17, USCC_WEIGHTS, strict=True))
    return USCC_CHARACTERS[-total % 31]


def uscc_problem(code: str, field: str = "uscc") -> Problem | None:
    """What is wrong with CODE (cleaned or not), None when it is empty or right.

    Codes: customer.uscc_length, customer.uscc_character, customer.uscc_check.
    """
    clean = uscc_clean(code)
    if not clean:
        return None
    if len(clean) != USCC_LENGTH:
        return Problem("customer.uscc_length", field, {"found": len(clean)})
    for place, character in enumerate(clean, start=1):
        if character not in USCC_CHARACTERS:
            return Problem("customer.uscc_character", field, {"character": character, "place": place})
    if uscc_check_character(clean[:17]) != clean[17]:
        return Problem("customer.uscc_check", field, {"found": clean})
    return None


def email_problem(email: str, field: str = "email") -> Problem | None:
    """A Problem customer.email for what no mail could reach; None when empty or plausible."""
    return (
        None
        if not email.strip() or _EMAIL.match(email.strip())
        else Problem("customer.email", field, {"found": email[:80]})
    )
