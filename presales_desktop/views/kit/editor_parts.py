"""Pieces of an editor page: sections in one or two columns, steps, bars that ask something in place, the words of saving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from presales_desktop.models.errors import Problem
from presales_desktop.texts import tr
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import button, clear, icon_label, words

TWO_COLUMNS_FROM = 1100


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that can be done with the record.

    action: its name ("submit"; the button is "quote.submit"); title: translated; callback: function or coroutine function.
    primary: the one next step; enabled False shows WHY; tone "bad" for what ends things; shortcut: works while it is enabled.
    saves: what is typed is saved first; reloads: the record is read anew afterwards (False: the step led away from it).
    """

    action: str
    title: str
    callback: Callable[[], Any]
    primary: bool = False
    tone: str = ""
    enabled: bool = True
    why: str = ""
    shortcut: str = ""
    icon: str = ""
    saves: bool = True
    reloads: bool = True


@dataclass(frozen=True)
class Heading:
    """What the head of the page says: number, title, chip (word, tone), and a second line."""

    number: str = ""
    title: str = ""
    chip: tuple[str, str] | None = None
    subtitle: str = ""


class Part(Protocol):
    """Something on the page that edits paths of the draft: Form, LineTable, a feature's own."""

    def owns(self, path: str | None) -> bool:
        """Whether PATH is edited here."""

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show those that belong here."""

    def local_problems(self) -> Sequence[Problem]:
        """What was typed and cannot be read."""

    def describe(self, problem: Problem) -> str:
        """The sentence of a problem that belongs here."""

    def focus_path(self, path: str) -> bool:
        """Put the keyboard there."""

    def commit(self) -> None:
        """End of typing."""


class Section(QFrame):
    """A titled panel; ACTIONS stand at the right of its title."""

    def __init__(self, title: str, *parts: QWidget, wide: bool = False, column: int = -1) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self.title, self.wide, self.column = title, wide, column
        self.setAccessibleName(title)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._word = words(title, "section")
        self._note = words("", "secondary")
        if title:
            self._head.addWidget(self._word)
            self._head.addWidget(self._note)
            self._head.addStretch(1)
        else:  # without a head they go with the section all the same
            for word in (self._word, self._note):
                word.setParent(self)
                word.hide()
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 16)
        whole.setSpacing(10)
        if title:
            whole.addLayout(self._head)
        whole.addLayout(self.body)
        for part in parts:
            self.body.addWidget(part)

    def add_action(self, widget: QWidget) -> None:
        """A button at the right of the title."""
        self._head.addWidget(widget)

    def set_note(self, text: str) -> None:
        """A small word after the title: a count."""
        self._note.setText(text)


class SectionFlow(QWidget):
    """Sections under each other, or in two columns when there is room; wide ones span both."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[Section] = []
        self._columns = 0
        self._pairs: list[QVBoxLayout] = []
        self._open_pair: list[QVBoxLayout] = []
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(tokens.MARGIN, 6, tokens.MARGIN, tokens.MARGIN)
        self._whole.setSpacing(tokens.GAP)

    def add(self, section: Section) -> None:
        """One more section."""
        self.sections.append(section)
        if self._columns == 0:
            self.set_columns(1)
        else:
            self._place(section)

    def set_columns(self, columns: int) -> None:
        """Arrange anew when the number of columns changes."""
        if columns == self._columns:
            return
        self._columns = columns
        self._take_apart()
        self._whole.addStretch(1)
        for section in self.sections:
            self._place(section)

    def _place(self, section: Section) -> None:
        """At the end, before the stretch: under the one before, or in the pair of columns that is open."""
        if self._columns == 1 or section.wide:
            self._open_pair = []
            self._whole.insertWidget(self._whole.count() - 1, section)
            return
        if not self._open_pair:
            self._open_pair = self._add_pair()
        pair = self._open_pair
        # the stretch at the end of a column counts as one in both
        place = section.column if section.column in (0, 1) else int(pair[0].count() > pair[1].count())
        pair[place].insertWidget(pair[place].count() - 1, section)

    def _add_pair(self) -> list[QVBoxLayout]:
        line = QHBoxLayout()
        line.setSpacing(tokens.GAP)
        pair = [QVBoxLayout(), QVBoxLayout()]
        for each in pair:
            each.setSpacing(tokens.GAP)
            each.addStretch(1)
            line.addLayout(each, 1)
        self._whole.insertLayout(self._whole.count() - 1, line)
        self._pairs += pair
        return pair

    def _take_apart(self) -> None:
        # removeWidget, not takeAt: an item that lives on in Python keeps the new one from forgetting heights it measured
        for section in self.sections:
            for layout in (self._whole, *self._pairs):
                layout.removeWidget(section)
        self._pairs.clear()
        self._open_pair = []
        while (item := self._whole.takeAt(0)) is not None:
            line = item.layout()
            if line is not None:
                line.deleteLater()


class AskBar(QFrame):
    """A question in place with its answers: recover, conflict. Hidden while there is nothing to ask."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._text: QLabel = words("", wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(4)
        inner = QHBoxLayout(self)
        inner.setContentsMargins(12, 5, 6, 5)
        inner.setSpacing(8)
        inner.addWidget(icon_label("history", tokens.ICON, "amber"))
        inner.addWidget(self._text, 1)
        inner.addLayout(self._buttons)
        self.setProperty("look", "amber")
        self.hide()

    @property
    def text(self) -> str:
        """What it asks, "" when hidden."""
        return "" if self.isHidden() else self._text.text()

    def ask(self, text: str, *answers: tuple[str, Callable[[], Any]]) -> None:
        """Ask TEXT; ANSWERS: (verb, what it does)."""
        self._text.setText(text)
        self.setAccessibleName(text)
        clear(self._buttons)
        for i, (verb, do) in enumerate(answers):
            self._buttons.addWidget(
                button(verb, partial(self._answer, do), look="quiet", name=f"{self.objectName()}.{i}")
            )
        self.show()

    def _answer(self, do: Callable[[], Any]) -> None:
        self.hide()
        do()


class PartMark:
    """Marks widgets that are a `Part`, so that the page finds them wherever they stand."""


def summary(problems: Sequence[Problem]) -> str:
    """The line above the list of problems."""
    blocking = sum(problem.blocking for problem in problems)
    if blocking == 1:
        return tr("有一处需要修改：")
    if blocking:
        return tr("有 {n} 处需要修改：", n=blocking)
    return tr("有 {n} 处提醒：", n=len(problems))
