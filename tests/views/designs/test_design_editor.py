"""The plan editor, driven as a person drives it: keys, mouse and typed values; light follows, everything can be undone."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import ezdxf
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from presales_desktop.services import design_steps, designs
from presales_desktop.views.designs.canvas import MIME_VARIANT, PlanCanvas
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.editor import DesignEditor
from presales_desktop.views.designs.fields import NumberField
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.paper import Paper
from tests.helpers.design_data import World, make_world, saved

Run = Callable[..., Any]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


class Hand:
    """A person at the editor: plan metres instead of pixels."""

    def __init__(self, qtbot: Any, page: DesignEditor) -> None:
        self.qtbot, self.page = qtbot, page

    @property
    def canvas(self) -> PlanCanvas:
        return self.page.canvas

    @property
    def document(self) -> PlanDocument:
        assert self.page.document is not None
        return self.page.document

    def pixel(self, x: float, y: float) -> QPoint:
        a, b = self.canvas.camera.to_screen((x, y))
        return QPoint(round(a), round(b))

    def move(self, x: float, y: float, *, pressed: bool = False, mods: Qt.KeyboardModifier = NONE) -> None:
        place = QPointF(self.pixel(x, y))
        buttons = LEFT if pressed else Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, self.canvas.mapToGlobal(place), Qt.MouseButton.NoButton, buttons, mods
        )
        QApplication.sendEvent(self.canvas, event)

    def click(self, x: float, y: float, mods: Qt.KeyboardModifier = NONE) -> None:
        self.move(x, y)
        QTest.mouseClick(self.canvas, LEFT, mods, self.pixel(x, y))

    def pull(self, a: tuple[float, float], b: tuple[float, float], mods: Qt.KeyboardModifier = NONE) -> None:
        self.move(*a)
        QTest.mousePress(self.canvas, LEFT, mods, self.pixel(*a))
        for i in range(1, 6):
            self.move(a[0] + (b[0] - a[0]) * i / 5, a[1] + (b[1] - a[1]) * i / 5, pressed=True, mods=mods)
        QTest.mouseRelease(self.canvas, LEFT, mods, self.pixel(*b))

    def key(self, key: Qt.Key, mods: Qt.KeyboardModifier = NONE) -> None:
        self.canvas.setFocus()
        QTest.keyClick(self.canvas, key, mods)

    def type(self, text: str) -> None:
        """Digits go to the canvas first; the field that opens takes the rest, and Enter."""
        entry = self.canvas.entry
        for char in text:
            QTest.keyClicks(entry if entry.isVisible() else self.canvas, char)
        QTest.keyClick(entry, Qt.Key.Key_Return)

    def lit(self) -> None:
        """Wait until all light is calculated."""
        self.qtbot.waitUntil(lambda: not self.page.light.busy, timeout=20000)

    def average(self, room_id: UUID | None = None) -> float:
        self.lit()
        key = room_id or self.document.rooms()[0].id
        assert key is not None
        lux = self.page.light.lights[key].lux
        return lux.average_lux if lux else 0.0


@pytest.fixture
def opened(qtbot: Any, make_ctx: Callable[[str], ViewContext]) -> Iterator[Callable[..., Hand]]:
    """opened(design id or None, initial, who) → a hand at an open editor."""
    pages: list[DesignEditor] = []

    def open_(record_id: UUID | None = None, initial: dict[str, Any] | None = None, who: str = "design") -> Hand:
        page = DesignEditor(make_ctx(who), "design", record_id, initial)
        qtbot.addWidget(page)
        page.resize(1366, 720)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        qtbot.waitUntil(lambda: page.document is not None and page.palette_panel.model.rowCount() > 0, timeout=10000)
        page.canvas.setFocus()
        pages.append(page)
        return Hand(qtbot, page)

    yield open_
    for page in pages:
        page.leave()
        assert page.ctx.nav.errors == []  # type: ignore[attr-defined]


@pytest.fixture
def hand(opened: Callable[..., Hand], world: World) -> Hand:
    """An empty new design, the downlight chosen."""
    found = opened(None, {"case_id": world.case_id})
    assert found.page.palette_panel.choose(world.down)
    return found


def with_room(hand: Hand, size: str = "6x4") -> UUID:
    """A room drawn by typing."""
    hand.canvas.use_tool("rect")
    hand.move(0.0, 0.0)
    hand.type(size)
    key = hand.document.rooms()[-1].id
    assert key is not None
    hand.canvas.fit()
    return key


def test_a_room_by_typing(hand: Hand) -> None:
    with_room(hand, "6x4")
    room = hand.document.rooms()[0]
    xs, ys = [p[0] for p in room.polygon], [p[1] for p in room.polygon]
    assert (max(xs) - min(xs), max(ys) - min(ys)) == pytest.approx((6, 4))
    assert hand.document.selection == (room.id,)
    assert hand.canvas.tool is not None
    assert hand.canvas.tool.name == "select"


def test_a_room_by_two_clicks_and_by_pulling(hand: Hand) -> None:
    hand.canvas.use_tool("rect")
    hand.click(1.0, 1.0)
    hand.click(4.0, 3.0)
    hand.canvas.use_tool("rect")
    hand.pull((5.0, 1.0), (8.0, 4.0))
    first, second = hand.document.rooms()
    assert set(first.polygon) == {(1.0, 1.0), (4.0, 1.0), (4.0, 3.0), (1.0, 3.0)}
    assert set(second.polygon) == {(5.0, 1.0), (8.0, 1.0), (8.0, 4.0), (5.0, 4.0)}
    assert first.name != second.name


def test_an_l_shaped_room_with_typed_lengths(hand: Hand) -> None:
    hand.canvas.use_tool("polygon")
    hand.click(0.0, 0.0)
    for direction, typed in (((3, 0), "6"), ((6, 2), "4<90"), ((3, 4), "@-2,0"), ((4, 6), "2<90"), ((0, 6), "0,6")):
        hand.move(*direction)
        hand.type(typed)
    hand.key(Qt.Key.Key_Return)
    room = hand.document.rooms()[0]
    wanted = [(0, 0), (6, 0), (6, 4), (4, 4), (4, 6), (0, 6)]
    assert [tuple(round(v, 6) for v in p) for p in room.polygon] == wanted


def test_what_cannot_be_read_is_refused_in_place(hand: Hand) -> None:
    hand.canvas.use_tool("rect")
    hand.move(0.0, 0.0)
    hand.type("6x")
    assert hand.document.rooms() == []
    assert hand.canvas.entry.isVisible()
    assert hand.canvas.entry.property("problem") is True
    QTest.keyClick(hand.canvas.entry, Qt.Key.Key_Escape)
    assert not hand.canvas.entry.isVisible()


def test_single_keys_take_tools(hand: Hand) -> None:
    for key, name in (
        ("R", "rect"),
        ("P", "polygon"),
        ("L", "place"),
        ("A", "array"),
        ("M", "measure"),
        ("V", "select"),
    ):
        button = hand.page.findChild(QToolButton, f"design.tool.{name}")
        assert button is not None
        assert key in button.toolTip()
        hand.key(Qt.Key(ord(key)))
        assert hand.canvas.tool is not None
        assert hand.canvas.tool.name == name
        assert button.isChecked()


def test_the_light_shows_while_the_fixture_is_still_under_the_mouse(hand: Hand) -> None:
    room = with_room(hand)
    hand.canvas.use_tool("place")
    hand.move(3.0, 2.0)
    under_the_mouse = hand.average(room)
    assert under_the_mouse > 10
    assert hand.document.head.luminaires == []
    hand.click(3.0, 2.0)
    hand.canvas.use_tool("select")
    assert len(hand.document.head.luminaires) == 1
    assert hand.average(room) == pytest.approx(under_the_mouse, rel=1e-3)


def test_dragging_from_the_palette_lights_the_room_before_the_drop(hand: Hand, world: World) -> None:
    room = with_room(hand)
    data = QMimeData()
    data.setData(MIME_VARIANT, str(world.down).encode())
    place = hand.pixel(3.0, 2.0)
    action, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    QApplication.sendEvent(hand.canvas, QDragEnterEvent(place, action, data, buttons, NONE))
    QApplication.sendEvent(hand.canvas, QDragMoveEvent(place, action, data, buttons, NONE))
    assert hand.average(room) > 10
    assert hand.document.head.luminaires == []
    QApplication.sendEvent(hand.canvas, QDropEvent(QPointF(place), action, data, buttons, NONE))
    assert [(round(r.x_m, 3), round(r.y_m, 3)) for r in hand.document.head.luminaires] == [(3.0, 2.0)]
    assert hand.document.head.luminaires[0].z_m == 2.8


def test_dragging_changes_the_light_and_undo_brings_it_back(hand: Hand) -> None:
    room = with_room(hand)
    hand.canvas.use_tool("place")
    hand.click(3.0, 2.0)
    hand.canvas.use_tool("select")
    middle = hand.average(room)
    seen: list[float] = []
    hand.move(3.0, 2.0)
    QTest.mousePress(hand.canvas, LEFT, NONE, hand.pixel(3.0, 2.0))
    for x in (2.0, 1.0, 0.5):
        hand.move(x, 2.0, pressed=True)
        seen.append(hand.average(room))
    QTest.mouseRelease(hand.canvas, LEFT, NONE, hand.pixel(0.5, 2.0))
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < middle * 0.97
    assert hand.document.head.luminaires[0].x_m == pytest.approx(0.5, abs=0.06)
    steps = hand.page.draft.undo_stack.count()
    hand.page.draft.undo_stack.undo()
    assert hand.average(room) == pytest.approx(middle, rel=1e-4)
    assert hand.page.draft.undo_stack.count() == steps
    hand.page.draft.undo_stack.redo()
    assert hand.average(room) == pytest.approx(seen[-1], rel=1e-3)


def test_an_array_by_typed_numbers(hand: Hand) -> None:
    room = with_room(hand)
    hand.canvas.use_tool("array")
    hand.move(3.0, 2.0)
    assert hand.document.previewing()
    hand.type("3x2")
    found = sorted((round(r.x_m, 3), round(r.y_m, 3)) for r in hand.document.head.luminaires)
    left, bottom = min(hand.document.rooms()[0].polygon)
    wanted = [(left + x, bottom + y) for x in (1, 3, 5) for y in (1, 3)]
    assert np.allclose(found, wanted, atol=1e-3)
    assert len(hand.document.selection) == 6
    assert hand.average(room) > 100
    hand.page.draft.undo_stack.undo()
    assert hand.document.head.luminaires == []


def test_arrows_change_the_array_before_it_is_placed(hand: Hand) -> None:
    with_room(hand)
    hand.canvas.use_tool("array")
    hand.move(3.0, 2.0)
    tool: Any = hand.canvas.tool
    tool.set_counts(2, 2)
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Up)
    assert (tool.columns, tool.rows) == (3, 3)
    assert "3×3" in tool.hint()
    hand.key(Qt.Key.Key_Return)
    assert len(hand.document.head.luminaires) == 9


def test_a_row_along_a_line(hand: Hand) -> None:
    with_room(hand)
    hand.canvas.use_tool("line")
    hand.type("5")
    hand.click(1.0, 2.0)
    hand.key(Qt.Key.Key_E)
    hand.click(5.0, 2.0)
    assert [round(r.x_m, 3) for r in hand.document.head.luminaires] == [1, 2, 3, 4, 5]


def test_a_typed_distance_while_dragging(hand: Hand) -> None:
    with_room(hand)
    hand.canvas.use_tool("place")
    hand.click(2.0, 2.0)
    hand.canvas.use_tool("select")
    hand.move(2.0, 2.0)
    QTest.mousePress(hand.canvas, LEFT, NONE, hand.pixel(2.0, 2.0))
    hand.move(2.6, 2.0, pressed=True)
    hand.type("@1.25,0.5")
    r = hand.document.head.luminaires[0]
    assert (r.x_m, r.y_m) == pytest.approx((3.25, 2.5))


def test_band_copy_nudge_and_delete(hand: Hand) -> None:
    with_room(hand)
    hand.canvas.use_tool("array")
    hand.move(3.0, 2.0)
    hand.type("2x2")
    hand.document.select([])
    hand.pull((0.3, 0.3), (5.7, 3.7))
    assert len(hand.document.selection) == 4
    before = sorted(r.x_m for r in hand.document.head.luminaires)
    hand.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    hand.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert sorted(r.x_m for r in hand.document.head.luminaires) == pytest.approx([x + 0.02 for x in before])
    hand.page.plan_actions.duplicate()
    assert len(hand.document.head.luminaires) == 8
    hand.page.plan_actions.delete()
    assert len(hand.document.head.luminaires) == 4


def test_pulling_a_corner_reshapes_the_room(hand: Hand) -> None:
    with_room(hand)
    hand.pull((6.0, 4.0), (7.0, 4.5))
    assert (7.0, 4.5) in hand.document.rooms()[0].polygon
    hand.page.draft.undo_stack.undo()
    assert (6.0, 4.0) in hand.document.rooms()[0].polygon


def test_a_moved_room_takes_its_light_along(hand: Hand) -> None:
    room = with_room(hand)
    hand.canvas.use_tool("place")
    hand.click(3.0, 2.0)
    hand.canvas.use_tool("select")
    before = hand.average(room)
    hand.document.select([])
    hand.pull((1.7, 0.0), (1.7, 2.0))
    moved = hand.document.rooms()[0]
    assert min(y for _, y in moved.polygon) == pytest.approx(2.0, abs=0.11)
    assert hand.document.head.luminaires[0].y_m == pytest.approx(4.0, abs=0.11)
    assert hand.average(room) == pytest.approx(before, rel=1e-3)


def test_properties_of_many_at_once(hand: Hand) -> None:
    room = with_room(hand)
    hand.canvas.use_tool("array")
    hand.move(3.0, 2.0)
    hand.type("2x2")
    before = hand.average(room)
    field = hand.page.findChild(NumberField, "design.luminaire.flux_factor")
    assert field is not None
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "50")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert {r.flux_factor for r in hand.document.head.luminaires} == {0.5}
    assert hand.average(room) == pytest.approx(before / 2, rel=1e-3)
    height = hand.page.findChild(NumberField, "design.luminaire.z_m")
    assert height is not None
    height.setFocus()
    height.selectAll()
    QTest.keyClicks(height, "2600")
    QTest.keyClick(height, Qt.Key.Key_Return)
    assert {r.z_m for r in hand.document.head.luminaires} == {2.6}


def test_the_room_is_judged_by_its_type(hand: Hand) -> None:
    room = with_room(hand)
    hand.document.select([room])
    hand.page.properties.room._type_chosen("lobby")
    assert hand.document.rooms()[0].workplane_m == 0.0
    hand.canvas.use_tool("place")
    hand.click(3.0, 2.0)
    hand.canvas.use_tool("select")
    hand.lit()
    verdict = hand.page.light.verdicts[room]
    assert verdict.ok is False
    assert verdict.target_lux == 200
    hand.document.select([room])
    result = hand.page.properties.room.result
    hand.qtbot.waitUntil(lambda: result._chip.word == "未达标")
    assert "GB/T 50034-2024" in result._source.text()


def test_saving_and_making_a_quote(hand: Hand, run: Run, qtbot: Any) -> None:
    with_room(hand)
    hand.canvas.use_tool("place")
    hand.click(3.0, 2.0)
    hand.canvas.use_tool("select")
    hand.page.save_now()
    qtbot.waitUntil(lambda: hand.page.record_id is not None and not hand.page.is_dirty, timeout=10000)
    stored = run("design", designs.load, hand.page.record_id)
    assert len(stored.rooms) == 1
    assert len(stored.luminaires) == 1
    quote = next(s for s in hand.page.steps() if s.action == "quote")
    assert not quote.enabled
    hand.page.leave()


def test_a_seller_makes_a_quote_with_one_click(opened: Callable[..., Hand], run: Run, world: World, qtbot: Any) -> None:
    design_id = saved(run, world)
    found = opened(design_id, who="sales")
    step = next(s for s in found.page.steps() if s.action == "quote")
    assert step.enabled
    found.page.run_step(step)
    made = found.page.ctx.nav.made  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: made == [("quote", {"design_id": design_id})], timeout=5000)


def test_a_submitted_design_can_only_be_looked_at(opened: Callable[..., Hand], run: Run, world: World) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    found = opened(design_id)
    assert found.page.read_only()
    before = found.document.luminaires()
    found.canvas.fit()
    r = before[0]
    found.pull((r.x_m, r.y_m), (r.x_m + 1, r.y_m))
    found.page.plan_actions.delete()
    assert found.document.luminaires() == before
    button = found.page.findChild(QToolButton, "design.tool.rect")
    assert button is not None
    assert not button.isEnabled()


def test_a_reviewer_approves(opened: Callable[..., Hand], run: Run, world: World, qtbot: Any) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    found = opened(design_id, who="technical")
    step = found.page.primary_step()
    assert step is not None
    assert step.action == "approve"
    found.page.run_step(step)
    qtbot.waitUntil(lambda: found.page.view is not None and found.page.view.state == "approved", timeout=5000)


def test_a_plan_is_imported_and_gets_its_scale(hand: Hand, tmp_path: Path, qtbot: Any) -> None:
    """A drawing in inches whose header says metres: 400 x 300 in."""
    drawing = ezdxf.new("R2010")
    drawing.header["$INSUNITS"] = 6
    drawing.modelspace().add_lwpolyline([(0, 0), (400, 0), (400, 300), (0, 300)], close=True)
    text = io.StringIO()
    drawing.write(text)
    path = tmp_path / "plan.dxf"
    path.write_text(text.getvalue(), "utf-8")
    hand.page.run(lambda: hand.page.files.add(path))
    qtbot.waitUntil(lambda: len(hand.canvas.plans) == 1, timeout=20000)
    underlay = hand.document.underlays()[0]
    assert underlay.metres_per_unit is None
    assert not hand.page.scale_bar.isHidden()
    hand.page.findChild(QPushButton, "design.scale_bar.calibrate").click()
    from presales_desktop.views.designs.underlay_layer import to_plan

    plan = hand.canvas.plans[underlay.sha256]
    # The corners are gathered by a worker when they are first asked for.
    hand.move(0.0, 0.0)
    qtbot.waitUntil(lambda: bool(hand.canvas._corners), timeout=5000)
    hand.click(*to_plan(underlay, plan, (0, 0)))
    hand.click(*to_plan(underlay, plan, (400, 0)))
    assert hand.canvas.entry.isVisible()
    QTest.keyClicks(hand.canvas.entry, "10160")
    QTest.keyClick(hand.canvas.entry, Qt.Key.Key_Return)
    scaled = hand.document.underlays()[0]
    assert scaled.metres_per_unit == pytest.approx(0.0254, rel=1e-6)
    assert hand.page.scale_bar.isHidden()
    hand.canvas.use_tool("rect")
    corner = to_plan(scaled, plan, (400, 300))
    hand.click(*to_plan(scaled, plan, (0, 0)))
    hand.click(corner[0] + 0.02, corner[1] - 0.02)
    xs = [p[0] for p in hand.document.rooms()[0].polygon]
    assert max(xs) - min(xs) == pytest.approx(10.16, abs=1e-6)


def test_a_foreign_file_is_one_clear_error(hand: Hand, tmp_path: Path, qtbot: Any) -> None:
    path = tmp_path / "plan.dwg"
    path.write_bytes(b"AC1032 something")
    errors = hand.page.ctx.nav.errors  # type: ignore[attr-defined]
    hand.page.run(lambda: hand.page.files.add(path))
    qtbot.waitUntil(lambda: bool(errors), timeout=5000)
    assert errors[0].code == "underlay.dwg"
    assert hand.document.underlays() == []
    errors.clear()


def test_the_plan_as_pdf(opened: Callable[..., Hand], run: Run, world: World, tmp_path: Path, qtbot: Any) -> None:
    found = opened(saved(run, world))
    path = tmp_path / "plan.pdf"
    dialogs.set_file_hook(lambda mode, title, name: path)
    try:
        found.page.run(found.page.print_document)
        qtbot.waitUntil(lambda: found.page.findChild(Paper) is not None, timeout=30000)
        found.page.findChild(Paper).save.click()
        qtbot.waitUntil(path.exists, timeout=30000)
    finally:
        dialogs.set_file_hook(None)
    assert path.read_bytes().startswith(b"%PDF-")


def test_unsaved_work_survives_a_crash(opened: Callable[..., Hand], run: Run, world: World, qtbot: Any) -> None:
    design_id = saved(run, world)
    first = opened(design_id)
    moved = first.document.luminaires()[0]
    first.document.apply("移动", {moved.id: None})  # type: ignore[dict-item]
    first.page.autosave.keep()
    heard: list[Any] = []
    first.page.autosave.kept.connect(heard.append)
    qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    second = opened(design_id)
    qtbot.waitUntil(lambda: not second.page.recover_bar.isHidden(), timeout=5000)
    kept = second.page.recover_bar.findChildren(QPushButton)[0]
    kept.click()
    assert len(second.document.luminaires()) == 2
    assert second.page.is_dirty


def test_the_wheel_zooms_about_the_mouse(hand: Hand) -> None:
    with_room(hand)
    before = hand.canvas.camera
    at = QPointF(200, 150)
    under = before.to_plan((at.x(), at.y()))
    hand.canvas.zoom(1.5, at)
    assert hand.canvas.camera.scale == pytest.approx(before.scale * 1.5)
    assert hand.canvas.camera.to_plan((at.x(), at.y())) == pytest.approx(under)


def test_switches_are_remembered_with_the_design(hand: Hand, run: Run, qtbot: Any) -> None:
    with_room(hand)
    hand.page.tools.flip("isolines")
    hand.page.status._switch("grid", False)
    hand.page.save_now()
    qtbot.waitUntil(lambda: hand.page.record_id is not None, timeout=10000)
    view = run("design", designs.load, hand.page.record_id).view
    assert view["isolines"] is True
    assert "grid" not in view["snaps"]


def test_english_and_dark(opened: Callable[..., Hand], run: Run, world: World, qapp: Any) -> None:
    from presales_desktop.texts import set_language
    from presales_desktop.views.kit import theme

    design_id = saved(run, world)
    set_language("en")
    theme.apply(qapp, "dark")
    try:
        found = opened(design_id)
        found.lit()
        image = found.page.grab().toImage()
        assert image.width() > 0
        assert found.page.heading().chip == ("In design", "neutral")
    finally:
        theme.apply(qapp, "light")


def test_the_plan_stays_in_view_until_somebody_looks_elsewhere(hand: Hand) -> None:
    with_room(hand)

    def in_view() -> bool:
        left, bottom, right, top = hand.canvas.camera.visible
        return all(left < x < right and bottom < y < top for x, y in hand.document.rooms()[0].polygon)

    hand.page.resize(1000, 600)
    assert in_view()
    hand.canvas.zoom(3.0)
    scale = hand.canvas.camera.scale
    hand.page.resize(1300, 700)
    assert hand.canvas.camera.scale == scale
    hand.canvas.fit()
    assert in_view()
