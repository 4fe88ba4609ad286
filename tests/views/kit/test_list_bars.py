"""The line of views and filters over a list: nothing in it is squeezed on a narrow window."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from presales_desktop.views.kit.list_bars import FilterChip, FilterChoice, ViewBar, ViewTabs


def test_filters_get_a_line_of_their_own_where_they_do_not_fit(qtbot: Any) -> None:
    tabs = ViewTabs(["我的客户", "重点客户", "全部", "已归档"])
    chips = [FilterChip(FilterChoice(name, "重要程度", (("a", "甲"),))) for name in ("one", "two", "three")]
    bar = ViewBar(tabs, chips, [QToolButton()])
    host = QWidget()  # a window of its own would not become narrower than its layout
    qtbot.addWidget(host)
    host.resize(1200, 100)
    bar.setParent(host)
    bar.resize(1200, 80)
    host.show()
    views = tabs.findChildren(QPushButton)
    assert chips[0].mapTo(bar, chips[0].rect().center()).y() == tabs.geometry().center().y()
    bar.resize(420, 80)
    qtbot.waitUntil(
        lambda: chips[0].mapTo(bar, chips[0].rect().topLeft()).y() >= tabs.geometry().bottom(), timeout=5000
    )
    assert all(tab.width() >= tab.sizeHint().width() for tab in views)
    bar.resize(1200, 80)
    qtbot.waitUntil(lambda: chips[0].mapTo(bar, chips[0].rect().topLeft()).y() < tabs.geometry().bottom(), timeout=5000)
