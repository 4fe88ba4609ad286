"""A main window with two small features, so that the shell is tested without the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import theme
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature
from presales_desktop.views.shell.main_window import DemoUser, MainWindow


class ListStub(QWidget):
    """A list page: remembers the filters that it was given."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.filters: dict[str, str] = {}
        self.edit = QLineEdit()
        QVBoxLayout(self).addWidget(self.edit)

    def set_filters(self, **filters: str) -> None:
        self.filters = filters


class EditorStub(QWidget):
    """An editor: takes problems, has steps, knows when it was left."""

    title_changed = Signal(str)

    def __init__(self, kind: str, record_id: UUID | None, initial: dict[str, Any]) -> None:
        super().__init__()
        self.kind, self.record_id, self.initial = kind, record_id, initial
        self.problems: list[Any] = []
        self.left = 0
        self.is_dirty = False
        self.edit = QLineEdit()
        QVBoxLayout(self).addWidget(self.edit)
        self.setWindowTitle(tr("新建") if record_id is None else f"{kind} {record_id.int}")

    def show_problems(self, problems: list[Any]) -> None:
        self.problems = problems

    def leave(self) -> None:
        self.left += 1


def make_feature(key: str, kind: str, title: str, icon: str, group: str) -> Feature:
    return Feature(
        key, kind, title, icon, group, lambda ctx: ListStub(tr(title)),
        lambda ctx, record_id, initial: EditorStub(kind, record_id, initial), f"{kind}.view", f"{kind}.create",
    )  # fmt: skip


FEATURES = (
    make_feature("customers", "customer", "客户", "building-2", "客户"),
    make_feature("quotes", "quote", "报价", "receipt-text", "成交"),
)
USERS = (DemoUser("wangmin", "王敏", "销售"), DemoUser("zhoufang", "周芳", "财务"))


@pytest.fixture
def make_window(qtbot: Any, qapp: QApplication, make_ctx: Callable[[str], ViewContext]) -> Iterator[Any]:
    """make_window("sales") → a shown MainWindow acting as that role."""
    theme.apply(qapp, "light")

    def make(who: str = "sales", **more: Any) -> MainWindow:
        window = MainWindow(make_ctx(who), FEATURES, "中山市灯港照明科技有限公司", USERS, **more)
        qtbot.addWidget(window)
        window.resize(1366, 768)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        return window

    yield make
    theme.apply(qapp, "light")


@pytest.fixture
def window(make_window: Any) -> MainWindow:
    """The window of a seller."""
    found: MainWindow = make_window()
    return found
