"""The drawing surface: paints the plan and its light, moves the view, and hands the mouse and typed values to the tool."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from presales_desktop.services.design_drafts import Point
from presales_desktop.services.underlays import Plan
from presales_desktop.texts import tr
from presales_desktop.views.designs import snapping
from presales_desktop.views.designs.camera import Camera
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.light_state import LightState
from presales_desktop.views.designs.picture import PlanPicture
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.switches import Switches
from presales_desktop.views.designs.typed_entry import TypedEntry
from presales_desktop.views.designs.underlay_layer import UnderlayCorners, corner_index, corners
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.jobs import Pool

if TYPE_CHECKING:
    from presales_desktop.views.designs.tools.base import Tool

SNAP_PX = 11.0
LEGEND_PX = 46.0
MIME_VARIANT = "application/x-presales-variant"
_TYPING = set("0123456789.,@-<*x×°")


class PlanCanvas(QWidget):
    """Signals: moved(plan point or None) for the status line, camera_changed(), tool_changed(name), hint_changed(text),
    fixture_dropped(variant id text, point), file_dropped(path)."""

    moved = Signal(object)
    camera_changed = Signal()
    tool_changed = Signal(str)
    hint_changed = Signal(str)
    files_dropped = Signal(list)
    dragged_over = Signal(object)
    dropped = Signal()

    def __init__(self, document: PlanDocument, light: LightState, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("design.canvas")
        self.setAccessibleName(tr("平面图"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(280, 200)
        self.document, self.light, self.pool = document, light, pool
        self._corners: dict[tuple[str, tuple[str, ...]], snapping.VertexIndex] = {}
        self._indexing: set[tuple[str, tuple[str, ...]]] = set()
        self.camera = Camera()
        self.switches = Switches()
        self.plans: dict[str, Plan] = {}
        self.variant_id: UUID | None = None
        self.tools: dict[str, Tool] = {}
        self.tool: Tool | None = None
        self.entry = TypedEntry(self)
        self.entry.entered.connect(self._entered)
        self.entry.changed.connect(self._typing)
        self.entry.cancelled.connect(self.setFocus)
        self._picture = PlanPicture(self)
        self._pointer: Pointer | None = None
        self._pan_from: QPointF | None = None
        self._space = False
        self._fitted = True
        self._targets: tuple[frozenset[UUID], snapping.Targets] | None = None
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._document_replaced)
        document.selection_changed.connect(self.update)
        light.updated.connect(lambda _: self.update())

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(900, 640)

    # tools

    def use_tool(self, name: str) -> None:
        """Take another tool into the hand."""
        if self.tool is not None:
            self.tool.leave()
        self.entry.dismiss()
        self.tool = self.tools[name]
        self._targets = None
        self.tool.enter()
        self._set_cursor()
        self.tool_changed.emit(name)
        self.tell()
        self.update()

    def tell(self) -> None:
        """Show the tool's hint in the status line."""
        self.hint_changed.emit(self.tool.hint() if self.tool else "")

    def _set_cursor(self) -> None:
        if self._pan_from is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.tool is not None:
            self.setCursor(self.tool.cursor())

    # snapping

    @property
    def tolerance_m(self) -> float:
        """How near counts as meant, in metres."""
        return SNAP_PX / self.camera.scale

    def snap(
        self, point: Point, origin: Point | None = None, *, without: Collection[UUID] = (), extra: Collection[Point] = (),
        off: bool = False,
    ) -> snapping.Snap:  # fmt: skip
        """The place that POINT means; WITHOUT: parts that are being moved; OFF: exactly there (Alt)."""
        if off:
            return snapping.Snap(point, "free")
        targets = self._snap_targets(frozenset(without))
        targets.extra = tuple(extra)
        targets.grid_m = self.camera.grid_step(10.0)
        return snapping.snap(point, targets, self.switches.snaps, self.tolerance_m, origin)

    def _snap_targets(self, without: frozenset[UUID]) -> snapping.Targets:
        if self._targets is None or self._targets[0] != without:
            floor = self.document.floor
            self._targets = (
                without,
                snapping.Targets(
                    [r.polygon for r in self.document.rooms() if r.id not in without and r.floor == floor],
                    [(r.x_m, r.y_m) for r in self.document.luminaires() if r.id not in without and r.floor == floor],
                    self._underlay_vertices(),
                ),
            )
        return self._targets[1]

    def _underlay_vertices(self) -> snapping.VertexIndex:
        for underlay in self.document.underlays():
            plan = self.plans.get(underlay.sha256)
            if underlay.visible and underlay.floor == self.document.floor and plan is not None:
                key = (underlay.sha256, underlay.hidden_layers)
                if key in self._corners:
                    return UnderlayCorners(self._corners[key], underlay, plan)
                if key not in self._indexing:
                    self._indexing.add(key)
                    jobs.start(self, self._index(key, plan))
        return snapping.VertexIndex()

    async def _index(self, key: tuple[str, tuple[str, ...]], plan: Plan) -> None:
        try:
            self._corners[key] = await self.pool.run(corner_index, plan, frozenset(key[1]))
        finally:
            self._indexing.discard(key)
        self._targets = None

    def _document_changed(self, _: object) -> None:
        if not self.document.previewing():
            self._targets = None
        self.update()

    def _document_replaced(self) -> None:
        self._targets = None
        self.update()

    def plan_arrived(self) -> None:
        """An underlay was read: draw it, snap to it."""
        self._targets = None
        if self._fitted:
            self.fit()
        self.update()

    # the view

    def set_camera(self, camera: Camera) -> None:
        """Look elsewhere; from now on a larger window shows more instead of fitting anew."""
        self._fitted = False
        self._look(camera)

    def _look(self, camera: Camera) -> None:
        self.camera = camera
        self.camera_changed.emit()
        self.update()

    def fit(self) -> None:
        """Show everything, and go on doing so while the window takes its size, until somebody pans or zooms."""
        self._fitted = True
        points: list[Point] = [p for r in self._picture.rooms() for p in r.polygon]
        points += [(r.x_m, r.y_m) for r in self.document.luminaires() if r.floor == self.document.floor]
        for underlay in self.document.underlays():
            if underlay.visible and underlay.floor == self.document.floor and underlay.sha256 in self.plans:
                points += corners(underlay, self.plans[underlay.sha256])
        if not points:
            self._look(Camera(4.0, 3.0, 60.0, self.camera.width, self.camera.height))
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        self._look(self.camera.fitted(min(xs), min(ys), max(xs), max(ys), foot=LEGEND_PX))

    def fit_selection(self) -> None:
        """Show what is selected, or everything."""
        points: list[Point] = [p for r in self.document.selected_rooms() for p in r.polygon]
        points += [(r.x_m, r.y_m) for r in self.document.selected_luminaires()]
        if not points:
            self.fit()
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        self.set_camera(self.camera.fitted(min(xs) - 0.5, min(ys) - 0.5, max(xs) + 0.5, max(ys) + 0.5))

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Larger (> 1) or smaller, about a pixel or the middle."""
        at = about or QPointF(self.width() / 2, self.height() / 2)
        self.set_camera(self.camera.zoomed(factor, (at.x(), at.y())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle, or everything in view."""
        self.camera = self.camera.resized(event.size().width(), event.size().height())
        if self._fitted:
            self.fit()
        self.camera_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and the tool over it."""
        painter = QPainter(self)
        self._picture.paint(painter)
        painter.end()

    @property
    def badge_boxes(self) -> dict[UUID, QRectF]:
        """Where the rooms' badges stand, in pixels: a click on one takes hold of its room."""
        return self._picture.badge_boxes

    # the mouse

    def _point(self, event: QMouseEvent | QWheelEvent | QDropEvent) -> Point:
        at = event.position()
        return self.camera.to_plan((at.x(), at.y()))

    def _make_pointer(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        raw = self.camera.to_plan((position.x(), position.y()))
        origin = self.tool.origin() if self.tool else None
        without = self.tool.moving() if self.tool else ()
        extra = self.tool.own_points() if self.tool else ()
        off = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        snap = self.snap(raw, origin, without=without, extra=extra, off=off)
        return Pointer(raw, snap, position, modifiers)

    @property
    def pointer(self) -> Pointer | None:
        """Where the mouse was last."""
        return self._pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Middle button or space pans; the left button belongs to the tool; the right one asks for a menu."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._pan_from = event.position()
            self._set_cursor()
            return
        if event.button() == Qt.MouseButton.LeftButton and self.tool is not None:
            self._pointer = self._make_pointer(event.position(), event.modifiers())
            self.tool.press(self._pointer)
            self.tell()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow."""
        if self._pan_from is not None:
            delta = event.position() - self._pan_from
            self._pan_from = event.position()
            self.set_camera(self.camera.panned(delta.x(), delta.y()))
            return
        self._pointer = self._make_pointer(event.position(), event.modifiers())
        if self.tool is not None:
            self.tool.move(self._pointer, pressed=bool(event.buttons() & Qt.MouseButton.LeftButton))
            self._set_cursor()
            self.tell()
        self.moved.emit(self._pointer.snap.point)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._pan_from is not None:
            self._pan_from = None
            self._set_cursor()
            return
        if event.button() == Qt.MouseButton.LeftButton and self.tool is not None:
            self._pointer = self._make_pointer(event.position(), event.modifiers())
            self.tool.release(self._pointer)
            self.tell()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The tool's."""
        if event.button() == Qt.MouseButton.LeftButton and self.tool is not None:
            self._pointer = self._make_pointer(event.position(), event.modifiers())
            self.tool.double(self._pointer)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing under the mouse."""
        self._pointer = None
        self.moved.emit(None)
        if self.tool is not None:
            self.tool.away()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel zooms; two fingers on a touchpad pan, with Ctrl they zoom."""
        pixels = event.pixelDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_camera(self.camera.panned(pixels.x(), pixels.y()))
        else:
            self.zoom(1.2 ** (event.angleDelta().y() / 120.0), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Pinching zooms."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_typing(event):
            event.accept()
            return True
        return super().event(event)

    # the keyboard

    def _is_typing(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        tool_types = self.tool is not None and self.tool.takes_typing()
        return tool_types and plain and event.text() != "" and event.text() in _TYPING and event.text() not in "x×*"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pans, digits begin a typed value, the rest is the tool's."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self._set_cursor()
            return
        if self.tool is not None and self.tool.key(event.key(), event.modifiers()):
            self.tell()
            self.update()
            return
        if self._is_typing(event):
            self.entry.begin(event.text(), self._pointer.screen.toPoint() if self._pointer else self.rect().center())
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._set_cursor()
            return
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A space bar held while the focus goes would stick."""
        self._space = False
        super().focusOutEvent(event)

    def begin_typing(self, text: str, hint: str, at: QPoint | None = None) -> None:
        """Open the field for a typed value; a tool asks for it when it needs one."""
        self.entry.begin(text, at or self.rect().center(), hint, select=True)

    def _typing(self, text: str) -> None:
        if self.tool is not None:
            self.tool.typing(text)
            self.update()

    def _entered(self, text: str) -> None:
        done = self.tool.typed(text) if self.tool is not None else True
        if done:
            self.entry.dismiss()
            self.setFocus()
        else:
            self.entry.refuse()
        self.tell()
        self.update()

    # dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Products from the palette, plans from the file manager."""
        if event.mimeData().hasFormat(MIME_VARIANT) or event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """A product lights the room while it is still under the mouse."""
        if event.mimeData().hasFormat(MIME_VARIANT):
            with contextlib.suppress(ValueError):
                self.variant_id = UUID(bytes(event.mimeData().data(MIME_VARIANT).data()).decode())
            self._pointer = self._make_pointer(event.position(), event.modifiers())
            self.dragged_over.emit(self._pointer)
            self.moved.emit(self._pointer.snap.point)
            self.update()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Taken back."""
        self.document.cancel_preview()
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Let go over the plan."""
        if event.mimeData().hasFormat(MIME_VARIANT):
            self._pointer = self._make_pointer(event.position(), event.modifiers())
            self.dragged_over.emit(self._pointer)
            self.dropped.emit()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        elif event.mimeData().hasUrls():
            self.files_dropped.emit([u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()])
        event.acceptProposedAction()
