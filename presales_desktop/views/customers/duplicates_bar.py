"""The warning that this customer may be there already; it never blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from presales_desktop.services.duplicates import DuplicateHit
from presales_desktop.texts import tr
from presales_desktop.texts.customers import DUPLICATE_REASONS
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import button, clear, icon_button, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext


class DuplicatesBar(QFrame):
    """Customers that may be the same: each opens with a click; 不再提示 hides the bar until there is another hit.

    MERGE(id of the other): offered beside each to whoever may."""

    def __init__(self, ctx: ViewContext, merge: Callable[[UUID], None] | None = None) -> None:
        super().__init__()
        self._ctx, self._merge = ctx, merge
        self._dismissed: frozenset[object] = frozenset()
        self.hits: tuple[DuplicateHit, ...] = ()
        self.setObjectName("customer.duplicates")
        self.setProperty("look", "amber")
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        head = row(
            icon_label("triangle-alert", tokens.ICON, "amber"),
            words(tr("可能已有这个客户"), "strong"),
            None,
            icon_button("x", tr("不再提示"), self._dismiss, name="customer.duplicates.dismiss"),
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 6, 8)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addLayout(self._list)
        self.hide()

    def show_hits(self, hits: Sequence[DuplicateHit]) -> None:
        """Show HITS; the bar hides when there are none, or when all were waved away."""
        self.hits = tuple(hits)
        clear(self._list)
        for hit in hits:
            self._list.addLayout(self._line(hit))
        self.setAccessibleName(tr("可能已有这个客户") + "：" + "、".join(hit.name for hit in hits))
        self.setVisible(any(hit.id not in self._dismissed for hit in hits))

    def _line(self, hit: DuplicateHit) -> QHBoxLayout:
        link = button(hit.name, lambda: self._ctx.nav.open("customer", hit.id), look="link", name="customer.duplicate")
        said = [hit.number, hit.owner, tr(DUPLICATE_REASONS[hit.reason])]
        if hit.archived:
            said.append(tr("已归档"))
        line = row(20, link, words(" · ".join(part for part in said if part), "secondary"))
        if self._merge is not None:
            ask = self._merge
            line.addWidget(button(tr("合并…"), lambda: ask(hit.id), look="link", name="customer.duplicate.merge"))
        line.addStretch(1)
        return line

    def _dismiss(self) -> None:
        self._dismissed = frozenset(hit.id for hit in self.hits) | self._dismissed
        self.hide()
