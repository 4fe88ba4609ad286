"""The product's page: pictures, facts, variants, prices, light; adding it to a quote, its datasheet, discontinuing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from PySide6.QtGui import QDragEnterEvent, QDropEvent

from presales_desktop.models.catalogue import FIELDS, VARIANT_FIELDS
from presales_desktop.services import catalogue, catalogue_print
from presales_desktop.services.catalogue import ProductDraft, ProductShown, VariantDraft
from presales_desktop.services.saving import replace_file
from presales_desktop.services.work import ChangeSet, Work
from presales_desktop.texts import language, lookup, tr
from presales_desktop.views.catalogue.light import Light, light_files
from presales_desktop.views.catalogue.pictures import Pictures
from presales_desktop.views.catalogue.prices import Prices
from presales_desktop.views.catalogue.to_quote import add_to_draft
from presales_desktop.views.catalogue.words import STATE_TONES
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import button
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask_text, choose_save
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.panels import FilesPanel, TimelinePanel

_BODY = ("mounting", "shape", "length_mm", "width_mm", "height_mm", "cutout_mm", "ip_rating", "certificates",
         "warranty_years", "lead_days")  # fmt: skip
_WIDTHS = {"sku": 140, "finish": 70, "power_w": 68, "flux_lm": 84, "cct_k": 68, "ra": 48, "beam_deg": 76, "dimming": 110,
           "active": 54}  # fmt: skip
# Narrow columns say the unit in their head.
_TITLES = {
    "power_w": "功率 W",
    "flux_lm": "光通量 lm",
    "cct_k": "色温 K",
    "ra": "Ra",
    "beam_deg": "光束角 °",
    "active": "在用",
}


def _cct(row: VariantDraft) -> str:
    return str(row.cct_k) if row.cct_k is not None else ""


def _both(work: Work, product_id: UUID) -> tuple[ProductDraft, ProductShown]:
    return catalogue.load(work, product_id), catalogue.show(work, product_id)


class ProductEditor(EditorPage):
    """See the module. `shown`: the product as the user may see it, None while it is new."""

    def __init__(
        self, ctx: ViewContext, kind: str, record_id: UUID | None, initial: dict[str, Any] | None = None
    ) -> None:
        self.shown: ProductShown | None = None
        super().__init__(ctx, kind, record_id, initial)

    async def load(self) -> ProductDraft:
        """The draft, and what is shown beside it."""
        if self.record_id is None:
            return await self.ctx.db.run(catalogue.new_draft, self.initial)
        draft, self.shown = await self.ctx.db.run(_both, self.record_id)
        return draft

    def build(self) -> Iterator[None]:
        """Pictures beside the facts, then the wide tables."""
        editable = not self.read_only()
        ctx = self.ctx
        self.pictures = Pictures(ctx, self, editable=editable)
        self.facts = Form(
            ctx,
            self.draft,
            FIELDS,
            "product",
            omit=(*_BODY, "state", "variants"),
            wide=("name", "functions"),
            later=True,
        )
        self.body_form = Form(ctx, self.draft, [f for f in FIELDS if f.name in _BODY], "product", later=True)
        self.add_section(tr("基本资料"), self.facts, column=0)
        yield from self.facts.fill()
        yield
        section = self.add_section(tr("图片"), self.pictures, column=1)
        section.add_action(self.pictures.add_button)
        self.add_section(tr("结构与交付"), self.body_form, column=1)
        yield from self.body_form.fill()
        yield
        self._add_variants()
        yield
        self.prices = Prices(ctx, self)
        section = self.add_section(tr("价格"), self.prices, wide=True)
        section.add_action(self.prices.history_button)
        section.add_action(self.prices.adjust_button)
        yield
        self.light = Light(ctx, self, editable=editable)
        self.add_section(tr("光度"), self.light, wide=True)
        yield
        self.files = FilesPanel(ctx, "product", self.record_id, (("file", tr("文件")),))
        self.timeline = TimelinePanel(ctx)
        self.add_side(self.files)
        self.add_side(self.timeline)
        self.setAcceptDrops(editable)
        ctx.bus.changed.connect(self._parts_changed)

    def _add_variants(self) -> None:
        columns = tuple(
            LineColumn(
                f.name,
                _TITLES.get(f.name, lookup.label("variant", f.name)),
                f.type,
                _WIDTHS[f.name],
                choices=f.choices,
                # 3000 K is written without a separator.
                read=_cct if f.name == "cct_k" else None,
                strong=f.name == "sku",
                stretch=f.name == "sku",
            )
            for f in VARIANT_FIELDS
        )
        self.variants = LineTable(self.ctx, self.draft, "variants", columns, kind="variant", new_row=VariantDraft)
        self.variants.setObjectName("product.variants")
        section = self.add_section(tr("规格与订货号"), self.variants, wide=True)
        self._add_variant = button(
            tr("添加规格"), self.add_variant, look="link", icon="plus", name="product.variants.add"
        )
        section.add_action(self._add_variant)

    def add_variant(self) -> None:
        """One more variant, like the last one but for its number."""
        self.variants.add_row(self._next_variant())

    def _next_variant(self) -> VariantDraft:
        """Like the last one but for its number: what differs is typed quicker than everything."""
        rows: list[VariantDraft] = self.draft.get("variants")
        if not rows:
            return VariantDraft()
        last = rows[-1]
        values = {f.name: getattr(last, f.name) for f in VARIANT_FIELDS} | {"sku": ""}
        return VariantDraft(None, **values)

    # the page

    def heading(self) -> Heading:
        """Model and name, state as chip."""
        value: ProductDraft = self.draft.value
        chip = None
        if self.shown is not None:
            chip = (lookup.state("product", self.shown.state), STATE_TONES.get(self.shown.state, "neutral"))
        return Heading(value.model_no if value else "", value.name if value else "", chip)

    def refresh(self) -> Iterator[None]:
        """Panels after each load and save."""
        shown = self.shown
        self.prices.show_product(shown)
        yield
        self.light.show_rows(
            shown.id if shown else None, shown.photometry if shown else (), shown.variants if shown else ()
        )
        yield
        self.pictures.load(shown.id if shown else None)
        self.files.load("product", shown.id if shown else None)
        self.files.set_read_only(self.read_only())
        self._add_variant.setVisible(not self.read_only())
        if shown is not None:
            self.timeline.load("product", shown.id)

    def read_only(self) -> bool:
        """Those who may not edit read."""
        return not self.ctx.may("product.create" if self.record_id is None else "product.edit").allowed

    async def save(self, value: ProductDraft) -> UUID:
        """Hand the draft to the service."""
        return await self.ctx.db.run(catalogue.save, value, initiator=self)

    def _parts_changed(self, changes: ChangeSet, _initiator: object) -> None:
        """Prices and photometry are no part of the draft: a change of them shows at once and disturbs no typing."""
        if self.record_id is not None and changes.kinds & {"price", "price_floor", "variant_cost", "photometry"}:
            jobs.start(self, self._show_again())

    async def _show_again(self) -> None:
        if self.record_id is None:
            return
        self.shown = await self.ctx.db.run(catalogue.show, self.record_id)
        self.prices.show_product(self.shown)
        self.light.show_rows(self.shown.id, self.shown.photometry, self.shown.variants)
        self.timeline.load("product", self.shown.id)

    # steps

    def steps(self) -> list[Step]:
        """Quote it, print it, take it off the market."""
        shown = self.shown
        if shown is None:
            return []
        made = []
        if self.ctx.may("quote.create").allowed:
            active = shown.state == "active" and any(v.active for v in shown.variants)
            why = "" if active else tr("停产或没有可订购规格的产品不能报价。")
            made.append(
                Step(action="quote", title=tr("加入报价"), callback=self.quote, primary=True, enabled=active, why=why,
                     icon="receipt-text", saves=False, reloads=False)
            )  # fmt: skip
            made.append(
                Step(action="to_quote", title=tr("加入已有报价单…"), callback=self.to_quote, enabled=active, why=why,
                     icon="circle-plus", saves=False, reloads=False)
            )  # fmt: skip
        made.append(
            Step(action="datasheet", title=tr("产品资料 PDF"), callback=self.print_document, icon="file-down",
                 shortcut="", saves=False, reloads=False)
        )  # fmt: skip
        if not self.read_only():
            if shown.state == "active":
                made.append(
                    Step(action="discontinue", title=tr("停产"), callback=self.discontinue, tone="bad", icon="ban")
                )
            else:
                made.append(
                    Step(action="reactivate", title=tr("恢复在售"), callback=self.reactivate, icon="rotate-ccw")
                )
        return made

    def quote(self) -> None:
        """A new quote with the variant that the keyboard is on, else the first that can be ordered."""
        if self.shown is not None:
            self.ctx.nav.new("quote", variant_id=self._variant(self.shown))

    async def to_quote(self) -> None:
        """The same variant into a quote that is being drafted."""
        if self.shown is None:
            return
        variant_id = self._variant(self.shown)
        sku = next(v.sku for v in self.shown.variants if v.id == variant_id)
        await add_to_draft(self, self.ctx, variant_id, f"{self.shown.name} · {sku}")

    def _variant(self, shown: ProductShown) -> UUID:
        line = self.variants.current_line()
        rows: list[VariantDraft] = self.draft.get("variants")
        chosen = rows[line].id if 0 <= line < len(rows) else None
        active = [v.id for v in shown.variants if v.active]
        return chosen if chosen is not None and chosen in active else active[0]

    async def discontinue(self) -> None:
        """Ask why, then take it off the market."""
        reason = await ask_text(
            self, tr("停产 {model}", model=self.draft.get("model_no")), tr("原因"), primary=tr("停产"), required=False,
            multiline=False, hint=tr("停产后不再出现在选型中；已有的报价和合同不受影响。"), tone="bad",
        )  # fmt: skip
        if reason is not None and self.record_id is not None:
            await self.ctx.db.run(catalogue.do, self.record_id, "discontinue", {"reason": reason}, initiator=self)

    async def reactivate(self) -> None:
        """Sell it again."""
        if self.record_id is not None:
            await self.ctx.db.run(catalogue.do, self.record_id, "reactivate", {}, initiator=self)

    async def print_document(self) -> None:
        """Save the datasheet as PDF, in the language of the window."""
        if self.record_id is None:
            return
        from presales_desktop.reports.catalogue import render_pdf

        name = f"{self.draft.get('model_no')}.pdf"
        path = await choose_save(self, tr("保存产品资料"), name, ["PDF (*.pdf)"])
        if path is None:
            return
        document = await self.ctx.db.run(catalogue_print.datasheet, self.record_id)
        content = await self.ctx.pool.run(render_pdf, document, language())
        await self.ctx.pool.run(replace_file, path, content)
        self.ctx.nav.toast(tr("已保存到 {file}", file=path.name), tone="good")

    # light files dropped anywhere on the page

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.shown is not None and light_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.light.attach(light_files(event))
