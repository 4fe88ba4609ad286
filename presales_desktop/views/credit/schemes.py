"""The editor of a score card: weights, bands, caps, and what each grade means; set once, from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from presales_desktop.models.credit import SCHEME_FIELDS
from presales_desktop.services import credit_schemes
from presales_desktop.services.credit_schemes import SchemeDraft
from presales_desktop.texts import tr
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage, Heading
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import TimelinePanel

_GROUPS: Final = (
    ("生效", ("effective_on", "note")),
    ("四个方面的权重", ("weight_basics", "weight_operations", "weight_finances", "weight_record")),
    ("分数线与封顶", ("from_a", "from_b", "from_c", "cap_new", "cap_no_statements", "equity_percent")),
)
_OF_GRADE: Final = ("prepay", "days", "guarantee", "factor", "months")


class SchemeEditor(EditorPage):
    """See the module."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(ctx, "credit_scheme", record_id, initial)

    async def load(self) -> SchemeDraft:
        """What holds today, to begin with; or one that was set, to look at."""
        if self.record_id is None:
            return await self.ctx.db.run(credit_schemes.new_draft, self.initial)
        return await self.ctx.db.run(credit_schemes.load, self.record_id)

    async def save(self, value: SchemeDraft) -> UUID:
        """Through the service."""
        return await self.ctx.db.run(credit_schemes.save, value, initiator=self)

    def read_only(self) -> bool:
        """What was set is never changed."""
        return self.record_id is not None or not self.ctx.may("credit.policy").allowed

    def build(self) -> Iterator[None]:
        """Groups of figures, then the four grades side by side."""
        fields = {f.name: f for f in SCHEME_FIELDS}
        for title, names in _GROUPS:
            form = Form(self.ctx, self.draft, [fields[n] for n in names], "credit_scheme", columns=4, wide=("note",))
            self.add_section(tr(title), form, wide=True)
            yield
        for i, grade in enumerate("abcd"):
            own = [fields[f"{name}_{grade}"] for name in _OF_GRADE]
            form = Form(self.ctx, self.draft, own, "credit_scheme", columns=2)
            self.add_section(tr("{grade} 级", grade=grade.upper()), form, column=i % 2)
            yield
        self.timeline = TimelinePanel(self.ctx)
        self.add_side(self.timeline)

    def heading(self) -> Heading:
        """Its first day."""
        value: SchemeDraft = self.draft.value
        day = value.effective_on.isoformat() if value.effective_on is not None else ""
        title = tr("制定评分卡") if self.record_id is None else tr("信用评分卡")
        return Heading("", title, None, tr("从 {day} 起", day=day) if day else "")

    def refresh(self) -> None:
        """The history."""
        if self.record_id is not None:
            self.timeline.load("credit_scheme", self.record_id)
