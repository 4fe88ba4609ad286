"""What comes into and leaves the editor as files: underlays, and the plan on paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from presales_desktop.models.errors import InputError
from presales_desktop.services import underlays
from presales_desktop.services.design_drafts import UnderlayDraft
from presales_desktop.services.saving import replace_file
from presales_desktop.services.underlays import Plan
from presales_desktop.services.watching import Step
from presales_desktop.texts import language, tr
from presales_desktop.views.designs.reading import watched
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.dialogs import choose_file, choose_save
from presales_desktop.views.kit.paper import show_paper
from sync.ids import uuid7

if TYPE_CHECKING:
    from presales_desktop.reports.report import Report
    from presales_desktop.views.designs.editor import DesignEditor


def read_file(path: Path, step: Step) -> tuple[bytes, Plan]:
    """A plan file and what is in it (worker thread). Raises InputError with the file's name, and what STEP raises."""
    try:
        if path.stat().st_size > underlays.MAX_BYTES:
            size = f"{path.stat().st_size >> 20} MB"
            raise InputError("file.too_large", file=path.name, size=size, limit=f"{underlays.MAX_BYTES >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or "") from None
    return data, underlays.read(data, path.name, step)


class PlanFiles:
    """The editor's hand for files."""

    def __init__(self, page: DesignEditor) -> None:
        self.page = page
        self._loading: set[str] = set()

    # underlays that the design has

    def load_plans(self) -> None:
        """Read the underlays that are not in memory yet."""
        document = self.page.document
        assert document is not None
        for underlay in document.underlays():
            if underlay.sha256 not in self.page.canvas.plans and underlay.sha256 not in self._loading:
                self._loading.add(underlay.sha256)
                jobs.start(
                    self.page, self._load(underlay), lambda error: self.page.ctx.nav.show_error(error, self.page)
                )

    async def _load(self, underlay: UnderlayDraft) -> None:
        try:
            data = await self.page.ctx.db.run(underlays.content, underlay.sha256)
            plan = await self.page.ctx.pool.run(underlays.read, data, underlay.name)
        finally:
            self._loading.discard(underlay.sha256)
        self._have(underlay.sha256, plan)

    def _have(self, sha256: str, plan: Plan) -> None:
        self.page.canvas.plans[sha256] = plan
        self.page.canvas.plan_arrived()
        self.page.scale_bar.look()
        self.page.properties.show_selection()

    # new ones

    async def choose(self) -> None:
        """Ask for a file and put it under the plan."""
        if self.page.read_only():
            return
        path = await choose_file(self.page, tr("导入底图"), [tr("图纸与图片 (*.dxf *.png *.jpg *.jpeg)")])
        if path is not None:
            await self.add(path)

    def import_paths(self, paths: Sequence[str]) -> None:
        """Files dropped on the canvas."""
        for path in paths[:4]:
            if not self.page.read_only():
                self.page.run(lambda path=path: self.add(Path(path)))  # type: ignore[misc]

    async def add(self, path: Path) -> UUID | None:
        """Read a file away from the window, keep its bytes, show it, and ask for its scale."""
        page = self.page
        page.status.hint.setText(tr("正在读取 {file}…", file=path.name))
        try:
            data, plan = await watched(page, path, read_file)
        except jobs.Cancelled:
            page.status.hint.setText("")
            page.ctx.nav.toast(tr("已取消读取 {file}", file=path.name))
            raise
        sha256 = await page.ctx.db.run(underlays.put, data, path.name, initiator=page)
        document = page.document
        assert document is not None
        key = uuid7()
        part = UnderlayDraft(
            id=key, floor=document.floor, format=plan.format, name=path.name, sha256=sha256, sort=document.next_sort(),
            hidden_layers=tuple(layer.name for layer in plan.layers if layer.off),
        )  # fmt: skip
        page.canvas.plans[sha256] = plan
        document.apply(tr("导入底图"), {key: part})
        document.select([key])
        self._have(sha256, plan)
        page.canvas.fit()
        page.canvas.tell()
        page.ctx.nav.toast(tr("已导入 {file}，请用两点校准比例", file=path.name))
        return key

    # paper

    async def show_pdf(self) -> None:
        """The plan as it is printed, inside the page."""
        page = self.page
        if not await page.save_all() or page.record_id is None:
            return
        from presales_desktop.reports import designs as paper
        from presales_desktop.services import design_print

        view = page.view
        label = f"{view.number}-R{view.revision}" if view is not None else "design"
        content = await page.ctx.db.run(design_print.document, page.record_id)
        data = await page.ctx.pool.run(paper.render, content, language())
        await show_paper(page, tr("方案图纸 {label}", label=label), data, f"{label}.pdf")

    async def save_pdf(self) -> None:
        """The plan as PDF, from what is stored and calculated; asks where to."""
        page = self.page
        if not await page.save_all() or page.record_id is None:
            return
        from presales_desktop.reports import designs as paper
        from presales_desktop.services import design_print

        view = page.view
        name = f"{view.number}-R{view.revision}.pdf" if view is not None else "design.pdf"
        path = await choose_save(page, tr("保存方案图纸"), name, [tr("PDF (*.pdf)")])
        if path is None:
            return
        content = await page.ctx.db.run(design_print.document, page.record_id)
        data = await page.ctx.pool.run(paper.render, content, language())
        await page.ctx.pool.run(replace_file, path, data)
        page.ctx.nav.toast(tr("已保存 {file}", file=path.name), tone="good")

    async def export(self) -> None:
        """Drawing, schedule or picture: the ending that is chosen says which."""
        page = self.page
        if not await page.save_all() or page.record_id is None:
            return
        view = page.view
        name = f"{view.number}-R{view.revision}" if view is not None else "design"
        path = await choose_save(page, tr("导出方案"), f"{name}.dxf", [tr(kind) for kind in _KINDS])
        if path is None:
            return
        report = await page.ctx.pool.run(_report, path)
        content = await page.ctx.db.run(report.load, page.record_id)
        page.ctx.nav.toast(tr("正在生成 {file}…", file=path.name))
        data = await page.ctx.pool.run(report.render, content, language())
        await page.ctx.pool.run(replace_file, path, data)
        page.ctx.nav.toast(tr("已保存 {file}", file=path.name), tone="good")


# What a design leaves the program as, beside its paper.
_KINDS = (
    "DXF 图纸 (*.dxf)",
    "Excel 灯具表、坐标和结果 (*.xlsx)",
    "CSV 灯具表 (*.csv)",
    "PNG 平面图 (*.png)",
    "PDF (*.pdf)",
)


def _report(path: Path) -> Report:
    """On a worker: what writes files is loaded there."""
    from presales_desktop.reports import registry

    return registry.find("design", path)
