"""A client's bill of quantities: which columns of any table say what, and what a line asks for in figures. Pure.

A table may have title rows above it and a head of up to three rows, where an upper title stands over several columns; a row with
a name and nothing else opens a section; rows of sums are no lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

# field of a line → titles of its column, the surest first
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": (
        "客户编码",
        "物料编码",
        "物料号",
        "材料编码",
        "清单编码",
        "项目编码",
        "item no",
        "item code",
        "code",
        "ref",
    ),
    "room": ("区域", "房间", "空间", "安装位置", "使用部位", "部位", "位置", "楼层", "area", "location", "room"),
    "name": (
        "产品名称",
        "灯具名称",
        "项目名称",
        "材料名称",
        "设备名称",
        "货物名称",
        "名称",
        "品名",
        "description",
        "item",
        "name",
    ),
    "model": ("品牌型号", "产品型号", "规格型号", "型号规格", "型号", "model no", "model", "type"),
    "spec": (
        "项目特征描述",
        "项目特征",
        "技术参数",
        "技术要求",
        "参数要求",
        "规格参数",
        "规格",
        "参数",
        "specification",
        "spec",
    ),
    "unit": ("计量单位", "单位", "unit"),
    "quantity": ("工程量", "工程数量", "招标数量", "采购数量", "数量", "quantity", "qty"),
    "price": ("综合单价", "含税单价", "投标单价", "报价单价", "单价", "unit price", "rate", "price"),
    "amount": ("综合合价", "含税合价", "合价", "合计金额", "总价", "金额", "小计", "amount", "total price", "total"),
    "note": ("备注", "说明", "remarks", "remark", "notes", "note"),
}
FIELDS: Final = tuple(COLUMNS)
HEAD_SEARCH: Final = 40
HEAD_ROWS: Final = 3
_SUMS: Final = frozenset(
    ("合计", "总计", "小计", "本页小计", "总价", "大写", "税金", "总合计", "total", "subtotal", "grandtotal", "sum")
)
_NOISE: Final = re.compile(r"[\s*＊:：/\\、,，。.\-_·|\"'“”]+")
_BRACKETS: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")


def key(value: object) -> str:
    """What titles are compared by: without brackets, blanks and case."""
    folded = unicodedata.normalize("NFKC", str(value if value is not None else "")).lower()
    bare = _NOISE.sub("", _BRACKETS.sub("", folded))
    return bare or _NOISE.sub("", folded)


_WORDS: Final[Mapping[str, tuple[str, int]]] = {
    key(word): (name, rank)
    for name, words in reversed(list(COLUMNS.items()))
    for rank, word in reversed(list(enumerate(words)))
}


@dataclass(frozen=True)
class Head:
    """Where the head of a table stands: rows FIRST to LAST (from 0), a title by column, "" where there is none."""

    first: int
    last: int
    titles: tuple[str, ...]

    @property
    def signature(self) -> str:
        """What two files of one client have in common."""
        return "|".join(key(title) for title in self.titles)


def find_head(rows: Sequence[Sequence[str]]) -> Head | None:
    """The head of a table in the first rows, None where nothing looks like one. ROWS: texts."""
    best, best_hits = -1, 1
    for n, row in enumerate(rows[:HEAD_SEARCH]):
        hits = len({_WORDS[k][0] for cell in row if (k := key(cell)) in _WORDS})
        if hits > best_hits:
            best, best_hits = n, hits
    if best < 0:
        return None
    first = last = best
    if first > 0 and _is_over(rows[first - 1], rows[first]):
        first -= 1
    while last + 1 < len(rows) and last - first + 1 < HEAD_ROWS and _is_under(rows[last + 1], rows[last]):
        last += 1
    width = max(len(row) for row in rows[first : last + 1])
    titles = []
    for column in range(width):
        said: list[str] = []
        for n in range(first, last + 1):
            text = _over(rows[n], column) if n < last else _at(rows[n], column)
            if n < last and not _at(rows[n], column) and not _at(rows[n + 1], column):
                text = ""  # an upper title stands over columns that have one of their own
            if text and text not in said:
                said.append(" ".join(text.split()))
        titles.append(" / ".join(said))
    return Head(first, last, tuple(titles))


def _at(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _over(row: Sequence[str], column: int) -> str:
    """The title over a column: its own, or the last one to the left (a merged cell has its text in its first column)."""
    return next((row[c].strip() for c in range(min(column, len(row) - 1), -1, -1) if row[c].strip()), "")


def _is_over(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether UPPER is a row of titles over LOWER: at least two texts, one of them a known word or over a gap, no number."""
    texts = [c for c in upper if c.strip()]
    known = any(key(c) in _WORDS for c in texts)
    return len(texts) >= 2 and known and not any(_is_number(c) for c in texts)


def _is_under(lower: Sequence[str], upper: Sequence[str]) -> bool:
    """Whether LOWER goes on with the head: texts only under gaps or under a title with several columns, no number."""
    texts = [(n, c) for n, c in enumerate(lower) if c.strip()]
    if not texts or any(_is_number(c) for _, c in texts):
        return False
    under_gap = sum(1 for n, _ in texts if not _at(upper, n))
    known = sum(1 for _, c in texts if key(c) in _WORDS or key(c) in ("含税", "不含税", "税前", "税后"))
    return known >= 1 and under_gap >= 1 and known + under_gap >= len(texts)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[¥￥]?-?\d[\d,]*(\.\d+)?%?", text.strip()))


def guess(head: Head, learned: Mapping[str, str] | None = None) -> dict[str, int]:
    """Column by field. LEARNED (field → title, as this client's table was read before) comes first; then the surest title."""
    keys = [key(title) for title in head.titles]
    found: dict[str, int] = {}
    for name, title in (learned or {}).items():
        if name in COLUMNS and title and key(title) in keys:
            found[name] = keys.index(key(title))
    ranked: list[tuple[int, int, str]] = []
    for column, title in enumerate(head.titles):
        parts = [key(part) for part in title.split(" / ")]
        for place, part in enumerate([key(title), *reversed(parts), *_ends(parts)]):
            if part in _WORDS:
                name, rank = _WORDS[part]
                ranked.append((rank + 10 * place, column, name))
                break
    for _, column, name in sorted(ranked):
        if name not in found and column not in found.values():
            found[name] = column
    return found


def _ends(parts: Sequence[str]) -> list[str]:
    """单价含税 is a 单价: the words that a title begins or ends with."""
    last = parts[-1] if parts else ""
    return [
        word for word in _WORDS if len(word) >= 2 and last != word and (last.startswith(word) or last.endswith(word))
    ]


@dataclass(frozen=True)
class BillLine:
    """A line that wants a price. `row`: its number in the sheet, from 1; texts as they stand."""

    sheet: str
    row: int
    room: str
    code: str
    name: str
    model: str
    spec: str
    unit: str
    quantity: Decimal | None
    note: str


def lines_of(
    sheet: str, rows: Sequence[Sequence[str]], head: Head, columns: Mapping[str, int], quantities: Mapping[int, Decimal]
) -> list[BillLine]:
    """Lines under HEAD. QUANTITIES: by row index, as they could be read."""
    made: list[BillLine] = []
    room = ""
    for n in range(head.last + 1, len(rows)):
        said = {name: _at(rows[n], columns[name]) if name in columns else "" for name in FIELDS}
        if not (said["name"] or said["model"] or said["spec"]) or _is_sum(rows[n]):
            continue
        bare = not any(said[name] for name in ("model", "spec", "unit", "quantity", "price"))
        if bare:
            room = (said["name"] or room)[:80]
            continue
        made.append(
            BillLine(
                sheet, n + 1, (said["room"] or room)[:80], said["code"][:60], said["name"][:200], said["model"][:120],
                " ".join(said["spec"].split())[:400], said["unit"][:12], quantities.get(n), said["note"][:400],
            )
        )  # fmt: skip
        room = said["room"][:80] or room
    return made


def _is_sum(row: Sequence[str]) -> bool:
    first = [key(cell) for cell in row if cell.strip()][:2]
    return any(cell in _SUMS or cell.startswith(("合计", "总计", "本页小计", "人民币大写")) for cell in first)


# ------------------------------------------------------------------------------------------------- what a line asks for

CATEGORY_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("轨道", "track"), ("导轨", "track"), ("track", "track"), ("洗墙", "linear"), ("线条灯", "linear"), ("线形灯", "linear"),
    ("线性灯", "linear"), ("linear", "linear"), ("地埋", "inground"), ("埋地", "inground"), ("投光", "flood"), ("泛光", "flood"),
    ("flood", "flood"), ("工矿", "highbay"), ("高天棚", "highbay"), ("天棚灯", "highbay"), ("high bay", "highbay"),
    ("灯带", "strip"), ("软灯条", "strip"), ("strip", "strip"), ("面板灯", "panel"), ("平板灯", "panel"), ("panel", "panel"),
    ("射灯", "spotlight"), ("spot", "spotlight"), ("筒灯", "downlight"), ("downlight", "downlight"), ("吸顶", "ceiling"),
    ("吊灯", "pendant"), ("pendant", "pendant"), ("壁灯", "wall"), ("台灯", "table"), ("落地灯", "floor"),
    ("驱动", "accessory"), ("电源", "accessory"), ("变压器", "accessory"), ("driver", "accessory"), ("控制器", "control"),
    ("面板开关", "control"),
)  # fmt: skip
_NUMBER: Final = r"(\d{1,6}(?:\.\d+)?)"
_POWER: Final = re.compile(_NUMBER + r"\s*(?:w(?![a-z])|瓦)", re.IGNORECASE)
_FLUX: Final = re.compile(_NUMBER + r"\s*(?:lm(?!/)|流明)", re.IGNORECASE)
_CCT: Final = re.compile(r"(\d{4})\s*k(?![a-z0-9])", re.IGNORECASE)
_RA: Final = re.compile(r"(?:ra|cri|显指|显色指数|显色性)\s*[:：]?\s*[>≥＞]?=?\s*(\d{2,3})", re.IGNORECASE)
_BEAM: Final = re.compile(_NUMBER + r"\s*(?:°|度(?!以)|deg)", re.IGNORECASE)
_IP: Final = re.compile(r"ip\s*([0-6x])([0-9x])", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?:[φΦØø∅]|开孔|直径|孔径|cut-?out)\s*[:：]?\s*(\d{2,4})", re.IGNORECASE)
_DIMMING: Final = (
    ("dali", "dali"), ("0-10v", "0_10v"), ("0~10v", "0_10v"), ("可控硅", "triac"), ("triac", "triac"), ("dmx", "dmx"),
    ("zigbee", "zigbee"), ("蓝牙", "bluetooth"),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a line asks for, None or "" where it says nothing. Units: W, lm, K, degrees, mm; `ip` two digits."""

    category: str = ""
    power_w: float | None = None
    flux_lm: float | None = None
    cct_k: int | None = None
    ra: int | None = None
    beam_deg: float | None = None
    ip: str = ""
    size_mm: int | None = None
    dimming: str = ""

    def figures(self) -> dict[str, Any]:
        """What is said, by name."""
        return {name: value for name, value in vars(self).items() if value not in (None, "")}


def wanted(*texts: str) -> Wanted:
    """The figures in TEXTS (name, model, specification), the first of each kind that stands there."""
    said = unicodedata.normalize("NFKC", " ".join(t for t in texts if t)).lower()
    ip = _IP.search(said)
    return Wanted(
        category=next((value for word, value in CATEGORY_WORDS if word in said), ""),
        power_w=_first(_POWER, said),
        flux_lm=_first(_FLUX, said),
        cct_k=_whole(_CCT, said, 1000, 20_000),
        ra=_whole(_RA, said, 20, 100),
        beam_deg=_first(_BEAM, said),
        ip="".join(digit.replace("x", "0") for digit in ip.groups()) if ip else "",
        size_mm=_whole(_SIZE, said, 10, 9_999),
        dimming=next((value for word, value in _DIMMING if word in said), ""),
    )


def _first(pattern: re.Pattern[str], said: str) -> float | None:
    match = pattern.search(said)
    return float(match[1]) if match and float(match[1]) > 0 else None


def _whole(pattern: re.Pattern[str], said: str, low: int, high: int) -> int | None:
    match = pattern.search(said)
    return int(match[1]) if match and low <= int(match[1]) <= high else None


@dataclass(frozen=True)
class Offered:
    """What a variant has; None or "" where the catalogue does not say."""

    category: str = ""
    power_w: float | None = None
    flux_lm: float | None = None
    cct_k: int | None = None
    ra: int | None = None
    beam_deg: float | None = None
    ip: str = ""
    size_mm: tuple[int, ...] = field(default=())
    dimming: str = ""


EQUAL: Final = "equal"
BETTER: Final = "better"
WORSE: Final = "worse"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Evidence:
    """One property: what was asked, what is offered, and the verdict: "equal", "better", "worse" or "unknown"."""

    name: str
    asked: Any
    offered: Any
    verdict: str


def compare(asked: Wanted, offer: Offered) -> tuple[Evidence, ...]:
    """Evidence for everything that was asked. Rules: flux at least 97 % of what is asked (from 105 % on better); Ra and both digits of
    IP at least; colour within 50 K; beam within 5° or a fifth; size within 5 mm or a twentieth; power at most 5 % more where
    flux is asked too (less is better), else within 15 %; kind and dimming the same."""
    made = []
    for name, value in asked.figures().items():
        has = getattr(offer, name)
        if has in (None, "", ()):
            made.append(Evidence(name, value, None, UNKNOWN))
            continue
        shown, verdict = _verdict(name, value, has, asked)
        made.append(Evidence(name, value, shown, verdict))
    return tuple(made)


def _verdict(name: str, value: Any, has: Any, asked: Wanted) -> tuple[Any, str]:
    if name in ("flux_lm", "ra"):
        low, high = (0.97, 1.05) if name == "flux_lm" else (1, 1.0001)
        return has, BETTER if has > value * high else EQUAL if has >= value * low else WORSE
    if name == "power_w":
        if asked.flux_lm is not None:
            return has, BETTER if has < value * 0.95 else EQUAL if has <= value * 1.05 else WORSE
        return has, EQUAL if abs(has - value) <= value * 0.15 else WORSE
    if name == "cct_k":
        return has, EQUAL if abs(has - value) <= 50 else WORSE
    if name == "beam_deg":
        return has, EQUAL if abs(has - value) <= max(5.0, value * 0.2) else WORSE
    if name == "ip":
        enough = has[0] >= value[0] and has[1] >= value[1]
        return has, (BETTER if has != value else EQUAL) if enough else WORSE
    if name == "size_mm":
        near = min(has, key=lambda size: abs(size - value))
        return near, EQUAL if abs(near - value) <= max(5, value * 0.05) else WORSE
    return has, EQUAL if has == value else WORSE


def is_equal_or_better(evidence: Sequence[Evidence]) -> bool:
    """Whether everything asked is met, and enough was asked to say so: the kind and two figures, or three figures."""
    figures = sum(1 for e in evidence if e.name not in ("category", "dimming"))
    kind = any(e.name == "category" for e in evidence)
    met = all(e.verdict in (EQUAL, BETTER) for e in evidence)
    return met and (figures >= 3 or (kind and figures >= 2))
