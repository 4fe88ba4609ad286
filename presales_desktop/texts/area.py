"""What an area says: names of its kinds, fields, choices, states, steps and errors, in Chinese; English in resources/i18n/en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KindTexts:
    """Words of one kind: `title` "报价单", `labels` field → word, `choices` field → value → word, `states`, `actions` (verbs)."""

    title: str
    labels: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
