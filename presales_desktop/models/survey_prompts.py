"""What to ask in an interview: questions by dimension and room type, quick answers; data in resources/templates/questionnaire.json."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from presales_desktop.models.standards import find
from presales_desktop.paths import resource


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(resource("templates/questionnaire.json").read_text("utf-8"))
    return loaded


def _in(pairs: list[list[str]], language: str) -> tuple[str, ...]:
    return tuple(pair[1] if language == "en" else pair[0] for pair in pairs)


def questions_of_dimension(dimension: str, language: str) -> tuple[str, ...]:
    """Questions that lead to the answer of one of the five dimensions."""
    return _in(_data()["dimensions"].get(dimension, []), language)


def questions_of_room(room_type: str, language: str) -> tuple[str, ...]:
    """Questions for a room type, its own first, then its group's; the general ones where the type is not known."""
    row = find(room_type)
    data = _data()
    own = data["types"].get(room_type, [])
    group = data["groups"].get(row.group if row else "general", data["groups"]["general"])
    return _in([*own, *group], language)


def quick_answers(name: str) -> tuple[tuple[str, str], ...]:
    """(Chinese, English) of answers that are often given: "scene", "style", "functions", "undecided"."""
    return tuple((zh, en) for zh, en in _data()["quick"].get(name, []))


def add_answer(text: str, answer: str) -> str:
    """TEXT with ANSWER added, or taken out when it stands there already (quick answers are switches)."""
    parts = [p.strip() for p in text.replace("，", "、").split("、") if p.strip()]
    if answer in parts:
        parts.remove(answer)
    else:
        parts.append(answer)
    return "、".join(parts)


def has_answer(text: str, answer: str) -> bool:
    """Whether ANSWER stands in TEXT as a word of its own."""
    return answer in [p.strip() for p in text.replace("，", "、").split("、")]
