"""What came back from the client against what was sent: every changed word by clause and row, amounts, deposit, missing contents. Pure.

Both papers are read as streams of words without regard to lines and pages, so that a Word document that was set anew, or a PDF
printed from it, is compared by what it says. The stream of what was sent is cut into blocks (head, clauses, rows of the table, signing page);
what is other in the returned one is told with its block.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from presales_desktop.models.capitals import capitals
from presales_desktop.models.contract_diff import Piece, words_changed
from presales_desktop.models.contract_text import yuan
from presales_desktop.models.contracts import DEPOSIT_SHARE, PARTS
from presales_desktop.models.errors import Problem
from presales_desktop.models.numerals import numeral
from presales_desktop.models.values import yuan_to_fen

# A changed stretch longer than this (in characters of both sides) is told whole instead of word by word: the time grows squared.
_WORD_BY_WORD: Final = 6_000
_HALF_TO_FULL: Final = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}
_WIDE: Final = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
_GAPS: Final = re.compile(rf"(?<=[{_WIDE}])\s+|\s+(?=[{_WIDE}])")
_HALF: Final = re.compile(rf"(?<=[{_WIDE}])[,:;?!()]|[,:;?!()](?=[{_WIDE}])")
_UNIT: Final = re.compile(r"[^。；，：\d]*(?:[。；，：]|\d[\d,.%]*)|[^。；，：\d]+")
_FIGURES: Final = re.compile(r"[0-9零壹贰叁肆伍陆柒捌玖拾佰仟万亿%]")
_CAPITALS: Final = re.compile(
    r"大写[）)]?[:：]?((?:人民币)?负?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+[元圆][零壹贰叁肆伍陆柒捌玖角分整正]*)"
)
_AMOUNT: Final = r"[¥￥]?(\d[\d,]*(?:\.\d{1,2})?)"
_TOTAL: Final = re.compile(r"合计（含税）" + _AMOUNT)
_BOTH: Final = re.compile(_AMOUNT + r"元?（大写：?((?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]+)）")
_DEPOSIT: Final = re.compile(
    r"定金[^。；]{0,24}?[¥￥](\d[\d,]*(?:\.\d{1,2})?)|定金[^。；¥￥]{0,24}?(\d[\d,]*(?:\.\d{1,2})?)元"
)
_SHARE: Final = re.compile(r"定金[^。；\d]{0,24}?(\d+(?:\.\d+)?)%|(\d+(?:\.\d+)?)%[^。；\d，]{0,8}定金")
_NOT_OVER: Final = re.compile(r"(?:不得?超过|以内|上限)")


@dataclass(frozen=True)
class Block:
    """A part of what was sent. `area`: "head", "clause", "goods", "total" or "sign"; `name`: the clause with its number, the product."""

    area: str
    name: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One block that reads differently. `how` "changed", "removed", "moved" or "added" (more after it); `figures`: an amount, a quantity or a
    percentage is other, too."""

    area: str
    name: str
    how: str
    pieces: tuple[Piece, ...]
    figures: bool


@dataclass(frozen=True)
class Returned:
    """What the comparison found. `share`: how much of what was sent is still there, 0 to 1."""

    differences: tuple[Difference, ...]
    problems: tuple[Problem, ...]
    share: float

    @property
    def same(self) -> bool:
        """Nothing is other, nothing is wrong."""
        return not self.differences and not self.problems


def compare(sent: Sequence[str], returned: Sequence[str], content: Mapping[str, Any], label: str) -> Returned:
    """RETURNED lines against the lines SENT with the frozen CONTENT of the contract LABEL (number and revision).

    Raises nothing: a paper that is another one altogether has a `share` near 0 and the problem returned.other_paper.
    """
    cleaned = _without_frames(returned, label)
    blocks = blocks_of(_without_frames(sent, label), content)
    stream = flat("\n".join(cleaned))
    stream = _one_head(stream, blocks)
    differences, share = _differences(blocks, stream)
    if share < 0.3:
        return Returned((), (Problem("returned.other_paper", None, {"label": label}),), share)
    return Returned(differences, tuple(_problems(differences, stream, content, label)), share)


def flat(text: str) -> str:
    """TEXT without the traces of its setting: compatibility forms, breaks and gaps beside Chinese, half-width marks beside Chinese."""
    kept = "".join(c if c in "，：；？！（）" else unicodedata.normalize("NFKC", c) for c in text)
    kept = kept.replace("\x02", "-").replace("\ufffe", "-").replace("\xad", "").replace("￥", "¥")
    kept = _GAPS.sub("", re.sub(r"\s+", " ", kept).strip())
    return _HALF.sub(lambda m: _HALF_TO_FULL[m[0]], kept)


def _without_frames(lines: Sequence[str], label: str) -> list[str]:
    """LINES without running heads and feet: the label with a check code, page numbers, the title beside the label."""
    made = []
    for line in lines:
        bare = re.sub(r"\s", "", line)
        foot = "校验码" in bare and label in bare
        head = bare.endswith(label) and bare.startswith("照明产品买卖合同")
        page = re.fullmatch(r"(?:第?\d+页?(?:[共/]\d+页?)?|-\d+-)", bare) and (
            "页" in bare or "/" in bare or "-" in bare
        )
        if bare and not (foot or head or page):
            made.append(line)
    return made


def blocks_of(lines: Sequence[str], content: Mapping[str, Any]) -> list[Block]:
    """The blocks of what was sent, from the LINES of its own paper: each line of a table by itself, each clause whole."""
    heads = [
        (flat(f"第{numeral(n)}条　{clause['heading']}"), f"第{numeral(n)}条 {clause['heading']}")
        for n, clause in enumerate(content["clauses"], start=1)
    ]
    goods = deque((flat(f"{g['n']} {_name(g)} {g['model']}"), str(g["name"])) for g in content["goods"])
    made: list[Block] = []
    area, name, gathered = "head", "", list[str]()

    def close(next_area: str, next_name: str) -> None:
        nonlocal area, name
        text = flat("\n".join(gathered))
        if text:
            made.append(Block(area, name, f"{text} "))
        gathered.clear()
        area, name = next_area, next_name

    for line in lines:
        said = flat(line)
        if heads and said == heads[0][0]:
            close("clause", heads.pop(0)[1])
        elif said.startswith("序号产品名称"):
            close("total", said)
        elif goods and said.startswith(goods[0][0]):
            close("goods", goods.popleft()[1])
        elif area in ("goods", "total"):
            close("total", said)
        elif said == "以下为签署页":
            close("sign", "")
        gathered.append(line)
    close("", "")
    return made


def _name(good: Mapping[str, Any]) -> str:
    return f"{good['name']}（{good['note']}）" if good["note"] else str(good["name"])


def _one_head(stream: str, blocks: Sequence[Block]) -> str:
    """The head of the table of goods, repeated on each page of a PDF, once."""
    head = next((b.text.strip() for b in blocks if b.text.startswith("序号产品名称")), "")
    first, found, rest = stream.partition(head) if head else (stream, "", "")
    return first + found + rest.replace(head, "") if found else stream


# -- words -------------------------------------------------------------------------------------------------------------


def _differences(blocks: Sequence[Block], stream: str) -> tuple[tuple[Difference, ...], float]:
    """Each block that is other, in the order of the paper, and the share of characters that stayed."""
    starts, at = list[int](), 0
    for block in blocks:
        starts.append(at)
        at += len(block.text)
    whole = "".join(block.text for block in blocks)
    told: dict[int, list[Piece]] = {n: [] for n in range(len(blocks))}
    stayed = 0
    place = 0
    for piece in _pieces(whole, stream):
        if piece.how == "added":
            told[max(0, bisect.bisect_left(starts, max(place, 1)) - 1)].append(piece)
            continue
        rest = piece.text
        while rest:
            n = bisect.bisect_right(starts, place) - 1
            end = starts[n + 1] if n + 1 < len(starts) else at
            part, rest = rest[: end - place], rest[end - place :]
            told[n].append(Piece(piece.how, part))
            place += len(part)
        stayed += len(piece.text) if piece.how == "same" else 0
    made = [_difference(block, tuple(told[n]), stream) for n, block in enumerate(blocks)]
    return tuple(d for d in made if d is not None), stayed / at if at else 0.0


def _difference(block: Block, pieces: tuple[Piece, ...], stream: str) -> Difference | None:
    others = [p for p in pieces if p.how != "same" and p.text.strip()]
    if not others:
        return None
    hows = {p.how for p in others}
    gone = not any(p.how == "same" and p.text.strip() for p in pieces)
    if gone and len(block.text) > 8 and block.text.strip() in stream:
        return Difference(block.area, block.name, "moved", (), figures=False)
    how = "removed" if gone and hows == {"removed"} else "added" if hows == {"added"} else "changed"
    figures = any(_FIGURES.search(p.text) for p in others)
    return Difference(block.area, block.name, how, pieces, figures)


def _pieces(old: str, new: str) -> Iterator[Piece]:
    """NEW against OLD: first by sentences, cells and figures, then inside what changed by words."""
    a, b = _UNIT.findall(old), _UNIT.findall(new)
    old_keys, new_keys = ([unit.replace(" ", "") for unit in units] for units in (a, b))
    for how, i, j, k, m in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        before, after = "".join(a[i:j]), "".join(b[k:m])
        if how == "equal":
            yield Piece("same", before)
        elif not (before and after) or len(before) + len(after) > _WORD_BY_WORD:
            yield from (p for p in (Piece("removed", before), Piece("added", after)) if p.text)
        elif before.replace(" ", "") == after.replace(" ", ""):
            yield Piece("same", before)
        else:
            yield from _joined(words_changed(before, after))


def _joined(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    """PIECES, a gap that only the setting made not told."""
    for piece in pieces:
        if piece.how == "added" and not piece.text.strip():
            continue
        yield Piece("same", piece.text) if piece.how == "removed" and not piece.text.strip() else piece


# -- what is wrong with it -----------------------------------------------------------------------------------------------


def _problems(
    differences: Sequence[Difference], stream: str, content: Mapping[str, Any], label: str
) -> Iterator[Problem]:
    total = int(content["totals"]["gross"])
    yield from _totals(stream, total)
    yield from _deposits(stream, total)
    gone = {d.name for d in differences if d.how == "removed" and d.area == "clause"}
    left = [
        clause["part"]
        for n, clause in enumerate(content["clauses"], start=1)
        if f"第{numeral(n)}条 {clause['heading']}" not in gone
    ]
    had = {clause["part"] for clause in content["clauses"]}
    for part in PARTS:
        if part in had and part not in left and part not in ("parties", "subject", "quantity", "price"):
            yield Problem(f"returned.part_{part}_missing", None, {})
    for side, word in (("buyer", "甲方"), ("seller", "乙方")):
        name = flat(content["parties"][side]["name"])
        if name and name not in stream:
            yield Problem("returned.party_missing", None, {"side": word, "name": name})
    for n, clause in enumerate(content["clauses"], start=1):
        named = f"第{numeral(n)}条 {clause['heading']}"
        if named in gone:
            yield Problem("returned.clause_missing", None, {"clause": named})
    if label not in stream:
        yield Problem("returned.label_missing", None, {"label": label})


def _totals(stream: str, total: int) -> Iterator[Problem]:
    figures = [_fen(m[1]) for m in _TOTAL.finditer(stream)]
    wrong = next((f for f in figures if f != total), None)
    if wrong is not None:
        yield Problem("returned.total_changed", None, {"found": yuan(wrong), "sent": yuan(total)})
    if not figures:
        yield Problem("returned.total_missing", None, {"sent": yuan(total)})
    said = re.search(r"合计人民币（" + _CAPITALS.pattern, stream)
    if said is None:
        yield Problem("returned.capitals_missing", None, {"sent": capitals(total)})
    elif not _is_capitals(said[1], total):
        yield Problem("returned.capitals_changed", None, {"found": said[1], "sent": capitals(total)})
    for pair in _BOTH.finditer(stream):
        if not _is_capitals(pair[2], _fen(pair[1])):
            yield Problem("returned.capitals_differ", None, {"figures": yuan(_fen(pair[1])), "words": pair[2]})


def _is_capitals(text: str, fen: int) -> bool:
    """Whether TEXT says FEN; 圆 for 元, 正 for 整 and a left-out 人民币 are the same amount."""
    plain = text.replace("圆", "元").replace("正", "整").removeprefix("人民币")
    return plain.removesuffix("整") == capitals(fen).removeprefix("人民币").removesuffix("整")


def _deposits(stream: str, total: int) -> Iterator[Problem]:
    limit = total // DEPOSIT_SHARE
    worst = max((_fen(m[1] or m[2]) for m in _DEPOSIT.finditer(stream)), default=0)
    if worst > limit:
        yield Problem("returned.deposit_over", None, {"deposit": yuan(worst), "limit": yuan(limit)})
    for found in _SHARE.finditer(stream):
        share = float(found[1] or found[2])
        if share > 100 / DEPOSIT_SHARE and not _NOT_OVER.search(found[0]):
            yield Problem("returned.deposit_share", None, {"share": f"{share:g}", "limit": yuan(limit)})
            return


def _fen(text: str) -> int:
    return yuan_to_fen(text.replace(",", ""))
