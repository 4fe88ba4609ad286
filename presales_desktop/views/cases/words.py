"""How phases and next steps are written and coloured, the same in list, preview and page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from presales_desktop.models.progress import NextStep
from presales_desktop.texts import tr
from presales_desktop.texts.cases import NEXT_STEPS, PHASES, WHO
from presales_desktop.views.kit import format as fmt

PHASE_TONES = {"quote": "accent", "contract": "accent", "won": "good", "lost": "bad", "paused": "amber"}


def phase_chip(phase: str) -> tuple[str, str]:
    """Word and tone of a phase."""
    return tr(PHASES[phase]), PHASE_TONES.get(phase, "neutral")


def step_words(action: str, text: str) -> str:
    """What is to be done: the person's own words for a step written by hand."""
    if action == "resume" and text:
        return f"{tr(NEXT_STEPS['resume'])}（{text}）"
    return text or tr(NEXT_STEPS.get(action, action))


def who_words(who: str, person: str) -> str:
    """Who owes it: the person where it is one, else the role; the customer is waited for by a person."""
    role = tr(WHO.get(who, who))
    if who == "customer":
        return tr("{role}（{person}）", role=role, person=person) if person else role
    return person or role


def due_words(due: dt.date | None, today: dt.date) -> str:
    """逾期 3 天 · 今天 · 周五 …"""
    return fmt.due(due, today)[0]


def due_tone(due: dt.date | None, today: dt.date) -> str:
    """Late ones red, today's amber; a palette name for table cells."""
    tone = fmt.due(due, today)[1]
    return "text" if tone == "neutral" else tone


def step_line(step: NextStep | None, person: str, today: dt.date) -> str:
    """安排需求调研 · 王敏 · 周三"""
    if step is None:
        return ""
    parts = (step_words(step.action, step.text), who_words(step.who, person), due_words(step.due, today))
    return " · ".join(part for part in parts if part)


def row_step(row: Any) -> str:
    """The next step of a list row."""
    return step_words(row.next_action, row.next_text) if row.next_action else ""
