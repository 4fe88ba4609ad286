"""The design's own fields in the right column: title, case, people, maintenance factor, grid, notes."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models import standards
from presales_desktop.models.designs import FIELDS
from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.fields import ChoiceField, FieldGrid, NumberField
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.form import Form

SHOWN = ("title", "case_id", "owner_id", "notes")


class PlanForms(QWidget):
    """Words by the kit's form; numbers that light depends on by the editor's own fields, since they are floats."""

    def __init__(self, ctx: ViewContext, document: PlanDocument) -> None:
        super().__init__()
        self.document = document
        self.form = Form(ctx, document.draft, [f for f in FIELDS if f.name in SHOWN], "design", columns=1)
        self.numbers = FieldGrid("design")
        self._standard = ChoiceField(lambda v: document.set_head(standard=v))
        self.numbers.add("standard", self._standard)
        self.numbers.add(
            "maintenance_factor",
            NumberField(lambda v: document.set_head(maintenance_factor=v), low=0.3, high=1.0, places=2, step=0.05),
        )
        self.numbers.add(
            "grid_spacing_m",
            NumberField(
                lambda v: document.set_head(grid_spacing_m=v), unit="m", low=0.05, high=2.0, step=0.05, length=True
            ),
        )  # fmt: skip
        self.numbers.add(
            "hours_per_year",
            NumberField(lambda v: document.set_head(hours_per_year=v), unit="h", low=0, high=8784, places=0, step=100),
        )
        self._trouble = words("", "small", wrap=True)
        self._trouble.setObjectName("design.standards.trouble")
        self.numbers.setAccessibleName(tr("方案参数"))
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addWidget(self.form)
        inner.addWidget(self.numbers)
        inner.addWidget(self._trouble)
        document.head_changed.connect(self.show_head)
        document.replaced.connect(self.show_head)
        self.show_head()

    def show_head(self) -> None:
        """From the draft. A standard whose file is gone stays named, and a file that cannot be read says so."""
        names = list(standards.names())
        if self.document.head.standard not in names:
            names.append(self.document.head.standard)
        if [self._standard.itemData(i) for i in range(self._standard.count())] != names:
            self._standard.set_options([(n, n) for n in names])
        wrong = [
            tr("企业标准文件 {file} 未计入：{why}", file=e.file or "", why=lookup.sentence(e.code, e.placeholders()))
            for e in standards.troubles()
        ]
        self._trouble.setText("\n".join(wrong))
        self._trouble.setVisible(bool(wrong))
        self.numbers.show_parts([self.document.head])
        self.numbers.set_read_only(self.document.read_only)
