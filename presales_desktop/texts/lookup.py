"""Words by kind and code: labels, choices, states, steps, and the sentence of an error. Window and command line share it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from presales_desktop.models.errors import PresalesError, Problem
from presales_desktop.models.permissions import RIGHTS, Role, holders
from presales_desktop.texts import (
    cases,
    catalogue,
    common,
    contracts,
    credit,
    customers,
    delegations,
    designs,
    judge,
    lighting,
    prices,
    proofs,
    quotes,
    surveys,
    syncing,
    users,
)
from presales_desktop.texts.area import KindTexts
from presales_desktop.texts.core import language, tr

_AREAS = (
    customers,
    cases,
    surveys,
    catalogue,
    designs,
    quotes,
    contracts,
    credit,
    prices,
    users,
    delegations,
    syncing,
    judge,
)


@cache
def kinds() -> dict[str, KindTexts]:
    """Words of every kind."""
    return {kind: texts for area in _AREAS for kind, texts in area.KINDS.items()}


@cache
def errors() -> dict[str, str]:
    """Chinese sentence by error code."""
    merged: dict[str, str] = {**common.ERRORS, **lighting.ERRORS, **proofs.ERRORS}
    for area in _AREAS:
        merged.update(area.ERRORS)
    return merged


def _of(kind: str) -> KindTexts:
    return kinds().get(kind) or KindTexts(kind)


def kind_title(kind: str) -> str:
    """ "报价单" for "quote"."""
    return tr(_of(kind).title)


def kind_noun(kind: str) -> str:
    """The same inside a sentence: "quotation" in English, where a title has a capital letter."""
    found = kind_title(kind)
    return found[:1].lower() + found[1:] if language() == "en" else found


def label(kind: str, name: str) -> str:
    """The field's word; the plain name where none is declared."""
    return tr(_of(kind).labels.get(name, name))


def hint(kind: str, name: str) -> str:
    """A short explanation of a field, or ""."""
    found = _of(kind).hints.get(name, "")
    return tr(found) if found else ""


def choice(kind: str, name: str, value: str) -> str:
    """The word of a choice's value."""
    texts = _of(kind)
    return tr(texts.choices.get(name, {}).get(value) or (texts.states.get(value) if name == "state" else None) or value)


def chinese_choices(kind: str, name: str) -> Mapping[str, str]:
    """The Chinese words of a choice's values, whatever the language is."""
    return _of(kind).choices.get(name, {})


def state(kind: str, value: str) -> str:
    """The word of a state."""
    return tr(_of(kind).states.get(value, value))


def action(kind: str, name: str) -> str:
    """The verb of a step."""
    return tr(_of(kind).actions.get(name, name))


def part_kind(kind: str, name: str) -> str:
    """The kind whose words a list of parts uses: "survey_space" for spaces of a survey, "contact" for contacts."""
    single = name.removesuffix("s")
    return next((k for k in (f"{kind}_{single}", single) if k in kinds()), kind)


def field_label(kind: str, field: str) -> str:
    """The words of a dotted field: "needs.0.text" of a survey is "需求 1 的内容"."""
    parts = field.split(".")
    if len(parts) < 3 or not parts[1].isdigit():
        return label(kind, parts[-1])
    own = part_kind(kind, parts[0])
    return tr("{part} {n} 的{label}", part=label(kind, parts[0]), n=int(parts[1]) + 1, label=label(own, parts[-1]))


# Values that are lists of words, joined the Chinese way below.
_LISTS = frozenset({"known", "choices", "allowed", "holders", "missing", "checks", "skus"})


class _Values(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def sentence(code: str, values: Mapping[str, object], *, kind: str = "", field: str | None = None) -> str:
    """The sentence of an error code, in the current language, its values put into words where they are names."""
    template = errors().get(code)
    if template is None:
        return tr("无法完成（{code}）。", code=code)
    filled = _Values({k: _reason(str(v)) if k == "reason" else v for k, v in values.items() if v is not None})
    name = (field or "").rsplit(".", 1)[-1]
    filled.setdefault("field", field or "")
    filled.setdefault("label", field_label(kind, field or "") if name else tr("此项"))
    if "kind" in filled:
        filled["kind"] = kind_title(str(filled["kind"]))
    named = filled.get("kinds")
    if isinstance(named, list | tuple):
        filled["kinds"] = "、".join(dict.fromkeys(kind_title(str(name)) for name in named))
    if code == "permission.role":
        roles = holders(str(filled.get("right"))) if str(filled.get("right")) in RIGHTS else ()
        filled["holders"] = "、".join(tr(common.ROLES[role]) for role in roles if role is not Role.ADMIN) or tr(
            common.ROLES["admin"]
        )
    if code.startswith("delegation.") and "right" in filled:
        filled["right"] = tr(delegations.RIGHTS.get(str(filled["right"]), str(filled["right"])))
    if code == "field.type":
        filled["expected"] = tr(common.FIELD_TYPES.get(str(filled.get("expected")), str(filled.get("expected"))))
    if code == "field.choice" and name:
        parts = (field or "").split(".")
        own = part_kind(kind, parts[0]) if len(parts) > 1 else kind
        filled["choices"] = "、".join(choice(own, name, v) for v in str(filled.get("choices", "")).split("、"))
    if code.startswith("workflow.") and kind:
        for key in ("state",):
            filled[key] = state(kind, str(filled.get(key, "")))
        filled["action"] = action(kind, str(filled.get("action", "")))
        filled["allowed"] = "、".join(state(kind, v) for v in str(filled.get("allowed", "")).split("、") if v)
    if language() == "en":
        for key in _LISTS & filled.keys():
            filled[key] = str(filled[key]).replace("、", ", ")
    return tr(template).format_map(filled)


def _reason(said: str) -> str:
    """What the system says of a file, in the language of now; anything else as it is."""
    number = next((n for n in common.OS_REASONS if os.strerror(n) == said), None)
    return said if number is None else tr(common.OS_REASONS[number])


def problem_text(problem: Problem, kind: str = "") -> str:
    """The sentence of one problem of a draft."""
    return sentence(problem.code, problem.values, kind=kind, field=problem.field)


def error_text(error: PresalesError, kind: str = "") -> str:
    """The sentence of an error with its place: file and line come first when the sentence does not name them."""
    values = {"file": error.file, "line": error.line, **error.values}
    said = sentence(error.code, values, kind=kind or str(error.values.get("kind", "")), field=error.field)
    place = ""
    if error.file and str(error.file) not in said:
        place = error.file
    if error.line is not None and f"{error.line}" not in said:
        place += tr(" 第 {line} 行", line=error.line)
    return f"{place.strip()}：{said}" if place else said
