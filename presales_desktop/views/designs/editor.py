"""The plan editor's page: palette, canvas and properties around one draft; steps, saving and recovery are the kit's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.models.permissions import Ownership
from presales_desktop.services import designs
from presales_desktop.services.design_light import Fixture
from presales_desktop.services.designs import DesignDraft, DesignView
from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs.actions import MIME_PARTS, PlanActions
from presales_desktop.views.designs.canvas import PlanCanvas
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.files import PlanFiles
from presales_desktop.views.designs.light_state import LightState
from presales_desktop.views.designs.opened import Opened, begin_design, open_design
from presales_desktop.views.designs.palette_panel import PalettePanel
from presales_desktop.views.designs.plan_forms import PlanForms
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.properties import PropertyColumn
from presales_desktop.views.designs.review import ReviewPanel, steps_of
from presales_desktop.views.designs.rulers import Ruled
from presales_desktop.views.designs.scale_bar import ScaleBar
from presales_desktop.views.designs.status_bar import StatusBar
from presales_desktop.views.designs.swap_sheet import choose_swap
from presales_desktop.views.designs.switches import Switches
from presales_desktop.views.designs.tool_strip import PlanAction, ToolStrip
from presales_desktop.views.designs.tools.array import ArrayTool, LineArrayTool
from presales_desktop.views.designs.tools.measure import CalibrateTool, MeasureTool
from presales_desktop.views.designs.tools.place import PlaceTool
from presales_desktop.views.designs.tools.rooms import PolygonTool, RectangleTool
from presales_desktop.views.designs.tools.select import SelectTool
from presales_desktop.views.designs.underlay_panel import UnderlayPanel
from presales_desktop.views.designs.words import TONES
from presales_desktop.views.kit import shortcuts
from presales_desktop.views.kit.basics import line
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.panels import TimelinePanel

TOOLS = (SelectTool, RectangleTool, PolygonTool, PlaceTool, ArrayTool, LineArrayTool, MeasureTool, CalibrateTool)


class DesignEditor(EditorPage):
    """See the module. `opened`: what was read last; `view`: the design as stored, None while it is new."""

    def __init__(
        self, ctx: ViewContext, kind: str, record_id: UUID | None, initial: dict[str, Any] | None = None
    ) -> None:
        self.opened: Opened | None = None
        self.document: PlanDocument | None = None
        self._wanted: tuple[UUID, ...] = ()
        super().__init__(ctx, kind, record_id, initial)

    @property
    def view(self) -> DesignView | None:
        """The design as it is stored."""
        return self.opened.view if self.opened is not None else None

    # the kit asks

    async def load(self) -> DesignDraft:
        """Draft, light sources, review, all at once."""
        if self.record_id is None:
            initial = {k: v for k, v in self.initial.items() if k != "view"}
            self.opened = await self.ctx.db.run(begin_design, initial)
        else:
            self.opened = await self.ctx.db.run(open_design, self.record_id)
        if self.document is not None:
            self.document.fixtures.update(self.opened.fixtures)
        return self.opened.draft

    async def save(self, value: DesignDraft) -> UUID:
        """With what the window shows."""
        value.view = self.canvas.switches.to_json()
        return await self.ctx.db.run(designs.save, value, initiator=self)

    def heading(self) -> Heading:
        """Number, title, state; the customer below."""
        view, draft = self.view, self.draft.value
        if view is None:
            return Heading("", draft.title if draft else "")
        number = f"{view.number}-R{view.revision}"
        state = (lookup.state("design", view.state), TONES.get(view.state, "neutral"))
        return Heading(number, draft.title, state, f"{view.customer} · {view.case_number}")

    def steps(self) -> list[Step]:
        """Review, quote, paper."""
        return steps_of(self)

    def read_only(self) -> bool:
        """Frozen, or somebody else's."""
        view = self.view
        if view is None:
            return not self.ctx.may("design.create").allowed
        of = Ownership(view.owner_id, view.created_by)
        return view.state != "draft" or not self.ctx.may("design.edit", of).allowed

    def refresh(self) -> None:
        """After loading and saving."""
        if self.document is None:
            return
        only = self.read_only()
        self.tools.set_drawing(not only)
        self.palette_panel.setVisible(not only)  # nothing can be taken from it: the plan has its room
        if only and self.canvas.tool is not None and self.canvas.tool.name not in ("select", "measure"):
            self.canvas.use_tool("select")
        self.properties.show_selection()
        self.forms.show_head()
        if self.record_id is not None:
            self.timeline.load("design", self.record_id)
        if self.opened is not None:
            self.review.show_review(self.opened)
        self.files.load_plans()
        self._show_wanted()

    def show_parts(self, ids: tuple[UUID, ...]) -> None:
        """Led here from elsewhere (a quote's line): these are selected and in view, once the plan stands."""
        self._wanted = ids
        if self.is_built:
            self._show_wanted()

    def _show_wanted(self) -> None:
        wanted, self._wanted = self._wanted, ()
        document = self.document
        if not wanted or document is None:
            return
        part = document.part(wanted[0])
        if part is not None:
            document.set_floor(part.floor)
        document.select(wanted)
        self.canvas.fit_selection()

    async def print_document(self) -> None:
        """Ctrl+P: the plan as it is printed."""
        await self.files.show_pdf()

    # building

    def build(self) -> None:
        """Everything around the canvas."""
        assert self.opened is not None
        # The plan's steps are small: its history needs no end.
        self.draft.undo_stack.setUndoLimit(0)
        self.document = document = PlanDocument(self.draft, self)
        document.fixtures.update(self.opened.fixtures)
        self.light = LightState(document, self)
        self.light.failed.connect(lambda error: self.ctx.nav.show_error(error, self))
        self.canvas = PlanCanvas(document, self.light, self.ctx.pool)
        self.canvas.switches = Switches.from_json(self.opened.draft.view)
        self.canvas.tools = {tool.name: tool(self.canvas) for tool in TOOLS}
        self.plan_actions = PlanActions(document)
        self.palette_panel = PalettePanel(self.ctx)
        self.files = PlanFiles(self)
        self.forms = PlanForms(self.ctx, document)
        self.timeline = TimelinePanel(self.ctx)
        self.review = ReviewPanel()
        underlay = UnderlayPanel(document, self.canvas.plans)
        self.properties = PropertyColumn(document, self.light, underlay, [self.forms])
        self.properties.plan.add_panels(self.review, self.timeline)
        self.tools = ToolStrip(self.canvas, self._arranging(), self._more())
        self.status = StatusBar(self.canvas, self.light)
        self.scale_bar = ScaleBar(self.canvas)
        self._lay_out()
        self._connect_parts(underlay)
        self._register_keys()
        self.status.show_switches()
        self.palette_panel.reload()
        self.canvas.use_tool("select")
        self.light.refresh()
        self.canvas.fit()
        QTimer.singleShot(0, self.canvas, self.canvas.setFocus)

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        for part in (self.tools, line(), self.scale_bar):
            middle.addWidget(part)
        middle.addWidget(Ruled(self.canvas), 1)
        middle.addWidget(self.status)
        body = QWidget()
        whole = QHBoxLayout(body)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.palette_panel)
        whole.addWidget(line(vertical=True))
        whole.addLayout(middle, 1)
        whole.addWidget(line(vertical=True))
        whole.addWidget(self.properties)
        self.set_body(body)

    def _connect_parts(self, underlay: UnderlayPanel) -> None:
        canvas = self.canvas
        self.palette_panel.chosen.connect(self._product_chosen)
        self.palette_panel.wanted.connect(self._product_wanted)
        canvas.dragged_over.connect(self._drag_over)
        canvas.dropped.connect(self._drop)
        canvas.files_dropped.connect(self.files.import_paths)
        self.properties.array_wanted.connect(self._suggest)
        self.properties.swap_wanted.connect(self._swap)
        self.properties.compare_wanted.connect(self._compare)
        underlay.calibrate_wanted.connect(lambda: self._use("calibrate"))
        underlay.remove_wanted.connect(self.plan_actions.delete)
        self.scale_bar.calibrate_wanted.connect(self._calibrate_first)
        self.status.floor_wanted.connect(self._document().set_floor)
        self.status.new_floor_wanted.connect(lambda: self.run(self._new_floor))
        calibrate = canvas.tools["calibrate"]
        assert isinstance(calibrate, CalibrateTool)
        calibrate.refused = lambda error: self.ctx.nav.show_error(error, self)

    def _document(self) -> PlanDocument:
        assert self.document is not None
        return self.document

    def _use(self, name: str) -> None:
        self.canvas.use_tool(name)
        self.canvas.setFocus()

    def _calibrate_first(self) -> None:
        """The first underlay that has no scale yet."""
        waiting = next((u for u in self._document().underlays() if u.metres_per_unit is None and u.visible), None)
        if waiting is not None and waiting.id is not None:
            self._document().set_floor(waiting.floor)
            self._document().select([waiting.id])
        self._use("calibrate")

    # products

    def _product_chosen(self, fixture: Fixture) -> None:
        self._document().fixtures[fixture.facts.variant_id] = fixture
        self.canvas.variant_id = fixture.facts.variant_id
        self.canvas.tell()

    def _product_wanted(self, fixture: Fixture) -> None:
        self._product_chosen(fixture)
        self._use("place")

    def _place_tool(self) -> PlaceTool:
        tool = self.canvas.tools["place"]
        assert isinstance(tool, PlaceTool)
        return tool

    def _drag_over(self, pointer: Pointer) -> None:
        if not self.read_only():
            self._place_tool().show(pointer.point)

    def _drop(self) -> None:
        pointer = self.canvas.pointer
        if pointer is not None and not self.read_only():
            self._place_tool().put(pointer.point)

    def _suggest(self) -> None:
        if self.canvas.variant_id is None:
            self.palette_panel.search.setFocus()
            self.ctx.nav.toast(tr("先在左侧选一个产品"))
            return
        self._use("array")

    def _swap(self) -> None:
        if self.canvas.variant_id is not None:
            n = self.plan_actions.swap(self.canvas.variant_id)
            self.ctx.nav.toast(tr("已更换 {n} 盏灯具", n=n) if n else tr("所选灯具已经是这个产品"))

    def _compare(self) -> None:
        if self.read_only():
            return
        if not self._document().selected_luminaires():
            self.ctx.nav.toast(tr("先选中要更换的灯具"))
            return
        self.run(self._compare_and_swap)

    async def _compare_and_swap(self) -> None:
        """Products beside each other in the places of the selection; one step of the history."""
        fixture = await choose_swap(self)
        if fixture is not None:
            self._product_chosen(fixture)
            self._swap()

    async def _new_floor(self) -> None:
        name = await ask_text(
            self, tr("新楼层"), tr("楼层名称（如 2F、B1）"), multiline=False, primary=tr("新建"), name="design.floor"
        )
        if name:
            self._document().set_floor(name[:20])
            self.status.show_floor()

    # the selection

    def _arranging(self) -> list[PlanAction]:
        do = self.plan_actions
        return [
            PlanAction("align.left", tr("左对齐"), "align-start-vertical", lambda: do.align("left"), "Alt+Shift+Left"),
            PlanAction("align.centre", tr("左右居中"), "align-center-vertical", lambda: do.align("centre")),
            PlanAction("align.right", tr("右对齐"), "align-end-vertical", lambda: do.align("right"), "Alt+Shift+Right"),
            PlanAction("align.top", tr("上对齐"), "align-start-horizontal", lambda: do.align("top"), "Alt+Shift+Up"),
            PlanAction("align.middle", tr("上下居中"), "align-center-horizontal", lambda: do.align("middle")),
            PlanAction("align.bottom", tr("下对齐"), "align-end-horizontal", lambda: do.align("bottom"), "Alt+Shift+Down"),
            PlanAction(
                "distribute.x", tr("水平等距"), "align-horizontal-distribute-center", lambda: do.distribute("x"),
                "Ctrl+Alt+H", separated=True,
            ),
            PlanAction("distribute.y", tr("垂直等距"), "align-vertical-distribute-center", lambda: do.distribute("y"), "Ctrl+Alt+V"),
            PlanAction("turn.left", tr("逆时针转 90°"), "rotate-ccw", lambda: do.turn(90), "Ctrl+R", separated=True),
            PlanAction("turn.right", tr("顺时针转 90°"), "rotate-cw", lambda: do.turn(-90), "Ctrl+Shift+R"),
            PlanAction("mirror.x", tr("左右镜像"), "move-horizontal", lambda: do.mirror("x"), "Ctrl+M"),
            PlanAction("mirror.y", tr("上下镜像"), "move-vertical", lambda: do.mirror("y"), "Ctrl+Shift+M"),
        ]  # fmt: skip

    def _more(self) -> list[PlanAction]:
        return [
            PlanAction("import", tr("导入底图…"), "import", lambda: self.run(self.files.choose), "Ctrl+I"),
            PlanAction("copy", tr("复制"), "copy", self._copy, "Ctrl+C", separated=True),
            PlanAction("cut", tr("剪切"), "scissors", self._cut, "Ctrl+X"),
            PlanAction("paste", tr("粘贴"), "clipboard-paste", self._paste, "Ctrl+V"),
            PlanAction("duplicate", tr("再制"), "copy", self.plan_actions.duplicate, "Ctrl+D"),
            PlanAction("swap", tr("比较并更换产品…"), "scale", self._compare, "Ctrl+H"),
            PlanAction("delete", tr("删除"), "trash-2", self.plan_actions.delete, "Delete"),
            PlanAction("all", tr("全选"), "group", self.plan_actions.select_all, "Ctrl+A"),
            PlanAction(
                "fit.selection", tr("显示所选"), "maximize-2", self.canvas.fit_selection, "Ctrl+1", separated=True
            ),
        ]

    def _register_keys(self) -> None:
        canvas = self.canvas
        for action in (*self._arranging(), *self._more()):
            if action.shortcut:
                shortcuts.register(canvas, action.shortcut, action.title, action.callback, group=tr("编辑"))
        group = tr("显示")
        shortcuts.register(canvas, "Backspace", tr("删除"), self.plan_actions.delete, group=tr("编辑"))
        shortcuts.register(canvas, "Ctrl+0", tr("显示全部"), canvas.fit, group=group)
        shortcuts.register(canvas, "Ctrl+=", tr("放大"), lambda: canvas.zoom(1.25), group=group)
        shortcuts.register(canvas, "Ctrl+-", tr("缩小"), lambda: canvas.zoom(0.8), group=group)
        shortcuts.register(canvas, "F2", tr("房间名称"), self.properties.room.focus_name, group=tr("编辑"))
        shortcuts.register(self, "/", tr("搜索产品"), self._find_product, group=tr("画图"))

    def _find_product(self) -> None:
        if self.read_only():
            return
        self.palette_panel.search.setFocus()
        self.palette_panel.search.selectAll()

    def _copy(self) -> None:
        data = self.plan_actions.copied()
        if data is not None:
            carried = QMimeData()
            carried.setData(MIME_PARTS, data)
            QGuiApplication.clipboard().setMimeData(carried)

    def _cut(self) -> None:
        self._copy()
        self.plan_actions.delete()

    def _paste(self) -> None:
        carried = QGuiApplication.clipboard().mimeData()
        if carried is None or not carried.hasFormat(MIME_PARTS) or self.read_only():
            return
        pointer = self.canvas.pointer
        self.plan_actions.paste(bytes(carried.data(MIME_PARTS).data()), pointer.point if pointer else None)

    def leave(self) -> None:
        """The page goes, and its light with it."""
        super().leave()
        if self.document is not None:
            self.light.close()
