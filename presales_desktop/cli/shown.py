"""Records as text for people: words instead of field names, values instead of ids, parts as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presales_desktop.cli.output import cell, table, width
from presales_desktop.texts import cases, contracts, credit, quotes, surveys, tr
from presales_desktop.texts import shown as words
from presales_desktop.texts.lookup import choice, kind_title, kinds, label, part_kind, sentence, state

# `may`: whether who asks could decide.
_SKIPPED = frozenset({"id", "version", "base_version", "created_by", "updated_by", "applied_by", "frozen", "may"})
_MONEY = frozenset({"fen", "currency"})


def word(kind: str, key: str) -> str:
    """The field's word; money stands under its name without `_fen`. The plain key where no word is declared."""
    for name in (key, f"{key}_fen", f"{key}_id"):
        found = label(kind, name) if kind else name
        if found != name:
            return found
    said = words.OWN.get(kind, {}).get(key) or words.WORDS.get(key)
    return tr(said) if said else key


def said(kind: str, key: str, value: Any) -> str:
    """A value in words: states and choices by their name, what people typed as they typed it."""
    if key == "state" and isinstance(value, str) and kind:
        return state(kind, value)
    if key == "phase" and isinstance(value, str) and kind and state(kind, value) != value:
        return state(kind, value)
    if key == "name" and kind == "credit" and value in credit.DIMENSIONS:
        return tr(credit.DIMENSIONS[value])
    codes = _CODES.get(key, {})
    if isinstance(value, str) and codes.get(value):
        return tr(codes[value])
    if key == "kind" and isinstance(value, str) and value in kinds():
        return kind_title(value)
    if key == "field" and isinstance(value, str):
        return word(kind, value)
    if key == "waiting_for" and isinstance(value, list):
        return tr("、").join(tr(quotes.STEPS.get(str(v), str(v))) for v in value)
    known = kinds()[kind].choices.get(key, {}) if kind in kinds() else {}
    if isinstance(value, str) and value in known:
        return choice(kind, key, value)
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return tr("、").join(choice(kind, key, v) if v in known else v for v in value)
    return cell(value)


# Codes that stand under a key of any kind.
_CODES: dict[str, Mapping[str, str]] = {
    "verdict": {"approve": "已通过", "return": "已退回", "reject": "已驳回"},
    "step": {**credit.STEPS, **quotes.STEPS},
    "guarantee": credit.GUARANTEES,
    "code": surveys.ITEMS,
    "margin_band": quotes.BANDS,
    "action": cases.NEXT_STEPS,
    "who": cases.WHO,
    "phase": cases.PHASES,
    "part": contracts.PARTS,
    "role": {"enclosure": "随报价发出", "scan": "扫描件", "sent": "已发送的文件", "file": "文件"},
}


def has_word(kind: str, key: str) -> bool:
    """Whether the kind's texts know the field."""
    return word(kind, key) != key


def whole(value: Any, kind: str = "", indent: int = 0) -> str:
    """Plain data as lines "word  value"; what is empty and what only machines read is left out."""
    pad = "  " * indent
    if not isinstance(value, dict):
        return f"{pad}{cell(value)}"
    value = _in_words(value)
    simple = [
        (k, v) for k, v in _once(kind, value).items()
        if not _nested(v) and not machine(k) and v not in (None, "", [], {})
    ]  # fmt: skip
    column = max((width(word(kind, k)) for k, _ in simple), default=0)
    lines = [f"{pad}{word(kind, k)}{' ' * (column - width(word(kind, k)))}  {said(kind, k, v)}" for k, v in simple]
    for key, item in value.items():
        if _nested(item) and item and not machine(key):
            own = part_kind(kind, key) if kind else ""
            lines += ["", f"{pad}{word(kind, key)}"]
            lines.append(rows(item, own) if isinstance(item, list) else whole(item, own, indent + 1))
    return "\n".join(lines)


def _once(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """VALUE without a second key of the same word (a number and the number with its revision)."""
    seen: dict[str, str] = {}
    for key in value:
        if not machine(key):
            seen.setdefault(word(kind, key), key)
    return {k: v for k, v in value.items() if _nested(v) or machine(k) or seen[word(kind, k)] == k}


def rows(items: list[Any], kind: str, most: int = 9) -> str:
    """Parts as a table of the columns that hold something."""
    if not all(isinstance(i, dict) for i in items):
        return "\n".join(f"- {cell(i)}" for i in items)
    names = [
        k for k in items[0]
        if k != "id" and not machine(k) and any(not _nested(i.get(k)) and i.get(k) not in (None, "", []) for i in items)
    ]  # fmt: skip
    named = [n for n in names if has_word(kind, n)]
    return table(
        [word(kind, n) for n in named[:most]],
        [[said(_kind_of(kind, n, i), n, i.get(n)) for n in named[:most]] for i in items],
    )


def _kind_of(kind: str, key: str, item: dict[str, Any]) -> str:
    """A state is of the record's own kind where a list holds several."""
    own = item.get("kind")
    return own if key == "state" and isinstance(own, str) and own in kinds() else kind


def _in_words(value: dict[str, Any]) -> dict[str, Any]:
    """Codes of what blocks and what is to be looked at as sentences."""
    made = dict(value)
    if isinstance(value.get("blocked"), list):
        design = value.get("design") or {}
        facts = {"number": value.get("label"), "day": value.get("valid_until"), "design": design.get("label")}
        made["blocked"] = [sentence(code, facts) for code in value["blocked"]]
    if isinstance(value.get("hints"), list):
        made["hints"] = [sentence(h["code"], h.get("values") or {}) for h in value["hints"] if isinstance(h, dict)]
    return made


def machine(key: str) -> bool:
    """Whether only programs want the value: ids of others, versions, hashes."""
    return key in _SKIPPED or key.endswith(("_id", "_hash", "sha256"))


def _nested(value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) != _MONEY
    return isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value)
