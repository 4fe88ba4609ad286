"""Quick answers: pills under a field that put a word into it or take it out, and pills that set a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from presales_desktop.models.survey_prompts import add_answer, has_answer, quick_answers
from presales_desktop.texts import language
from presales_desktop.views.kit.adapters import FlowRow
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.dressing import chip_sheet, own_sheet


def _pill(word: str, name: str) -> QToolButton:
    made = QToolButton()
    made.setText(word)
    made.setCheckable(True)
    made.setObjectName(name)
    made.setAccessibleName(word)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    own_sheet(made, chip_sheet)
    return made


class _Pills(QWidget):
    """Pills that follow one path of the draft."""

    def __init__(self, draft: Draft, path: str) -> None:
        super().__init__()
        self.draft, self.path = draft, path
        self._pills: list[tuple[Any, QToolButton]] = []
        self._flow = FlowRow(self)
        # Bound methods: Qt lets go of them with the widget, which a lambda would outlive.
        draft.changed.connect(self._follow)
        draft.structure_changed.connect(self._follow_rows)
        draft.replaced.connect(self.show_value)

    def _follow(self, path: str) -> None:
        if path == self.path:
            self.show_value()

    def _follow_rows(self, path: str) -> None:
        if self.path.startswith(f"{path}."):
            self.show_value()

    def fill(self, options: Sequence[tuple[Any, str]], name: str) -> None:
        """OPTIONS: (value, word)."""
        for value, word in options:
            pill = _pill(word, f"{name}.{value}")
            pill.clicked.connect(lambda _=False, value=value: self._pressed(value))
            self._pills.append((value, pill))
        self._flow.set_parts([pill for _, pill in self._pills])
        self.show_value()

    def value(self) -> Any:
        """What stands at the path, None when the part that it belongs to has gone."""
        try:
            return self.draft.get(self.path)
        except (IndexError, AttributeError, KeyError):
            return None

    def is_on(self, value: Any) -> bool:
        """Whether the pill of VALUE is on."""
        return bool(self.value() == value)

    def show_value(self) -> None:
        """Follow the draft."""
        for value, pill in self._pills:
            pill.setChecked(self.is_on(value))

    def set_read_only(self, on: bool) -> None:
        """Frozen."""
        self.setVisible(not on)

    def _pressed(self, value: Any) -> None:
        raise NotImplementedError


class AnswerPills(_Pills):
    """Quick answers of QUICK ("style") for the text at PATH: several may be on."""

    def __init__(self, draft: Draft, path: str, quick: str) -> None:
        super().__init__(draft, path)
        self.fill([(zh, en if language() == "en" else zh) for zh, en in quick_answers(quick)], f"survey.quick.{path}")

    def is_on(self, value: Any) -> bool:
        return has_answer(str(self.value() or ""), str(value))

    def _pressed(self, value: Any) -> None:
        self.draft.set(self.path, add_answer(str(self.draft.get(self.path) or ""), str(value)), merge=False)
        self.show_value()


class ValuePills(_Pills):
    """One value of a few for PATH; pressing the one that is on empties it (EMPTY)."""

    def __init__(
        self, draft: Draft, path: str, options: Sequence[tuple[Any, str]], empty: Any = None,
        pressed: Callable[[Any], None] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(draft, path)
        self._empty, self._tell = empty, pressed
        self.fill(options, f"survey.quick.{path}")

    def _pressed(self, value: Any) -> None:
        new = self._empty if self.is_on(value) else value
        self.draft.set(self.path, new, merge=False)
        self.show_value()
        if self._tell is not None:
            self._tell(new)
