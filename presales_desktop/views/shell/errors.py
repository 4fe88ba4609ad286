"""The one presenter of errors: a sentence in the page, problems beside their fields, a report for bugs. Never a dialog."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from presales_desktop.models.errors import EnvironmentProblem, PresalesError, ValidationError
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit.jobs import Cancelled
from presales_desktop.views.kit.states import ErrorBar

log = logging.getLogger("presales.errors")


class Presenter:
    """`show(error, page)`: in PAGE's own bar if it has one, else in the window's. BUG gets what is no PresalesError."""

    def __init__(self, bar: ErrorBar, bug: Callable[[BaseException, QWidget | None], None]) -> None:
        self._bar = bar
        self._bug = bug

    def show(self, error: BaseException, page: QWidget | None) -> None:
        """Tell the user what happened, why, and what to do."""
        if isinstance(error, Cancelled):
            return
        if not isinstance(error, PresalesError):
            log.error("unexpected", exc_info=error)
            self._bug(error, page)
            return
        kind = str(getattr(page, "kind", "") or "")
        if isinstance(error, ValidationError):
            self._problems(error, page, kind)
        elif isinstance(error, EnvironmentProblem):
            retry = getattr(page, "reload", None)
            action = (tr("重试"), retry) if callable(retry) else None
            self.bar_of(page).show_text(lookup.error_text(error, kind), action=action)
        else:
            self.bar_of(page).show_text(lookup.error_text(error, kind))

    def bar_of(self, page: QWidget | None) -> ErrorBar:
        """Where a page wants its errors."""
        own = getattr(page, "error_bar", None)
        return own if isinstance(own, ErrorBar) else self._bar

    def _problems(self, error: ValidationError, page: QWidget | None, kind: str) -> None:
        show: Any = getattr(page, "show_problems", None)
        if callable(show):
            show(list(error.problems))
            return
        said = [lookup.problem_text(problem, kind) for problem in error.problems]
        if len(said) == 1:
            self.bar_of(page).show_text(said[0])
        else:
            summary = tr("有 {n} 处需要修改：", n=len(said))
            self.bar_of(page).show_text(summary, problems=[(text, None) for text in said])
