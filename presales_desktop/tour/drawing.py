"""At the plan: underlay, scale by two points, a room by two corners, fixtures in an array, a drag, undo."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView

from presales_desktop.models import standards
from presales_desktop.tour.plan import PlanPoints, Point
from presales_desktop.tour.robot import Robot
from presales_desktop.views.designs.palette_panel import ROLE_FIXTURE
from presales_desktop.views.kit import jobs

PRODUCT = "筒灯"
CLOSER = 8.0


class Sheet:
    """The canvas with the file's own coordinates."""

    def __init__(self, robot: Robot, points: PlanPoints) -> None:
        self.robot, self.points = robot, points
        self.page: Any = robot.page
        self.canvas: Any = robot.page.canvas

    def at(self, point: Point) -> QPoint:
        """Where a point of the file lies on the screen."""
        from presales_desktop.views.designs.underlay_layer import to_plan

        underlay = self.page.document.underlays()[0]
        plan = self.canvas.plans[underlay.sha256]
        layer = next(each for each in plan.layers if each.name == self.points.layer)
        left = min(float(line[:, 0].min()) for line in layer.lines())
        bottom = min(float(line[:, 1].min()) for line in layer.lines())
        corner = self.points.layer_corner
        x, y = to_plan(underlay, plan, (point[0] - corner[0] + left, point[1] - corner[1] + bottom))
        sx, sy = self.canvas.camera.to_screen((x, y))
        return QPoint(round(sx), round(sy))

    async def click(self, point: Point) -> None:
        """Zoom in there as a careful hand does, click, and back out."""
        self.canvas.zoom(CLOSER, QPointF(self.at(point)))
        await jobs.sleep(30)
        self.click_px(self.at(point))
        await jobs.sleep(30)
        self.canvas.zoom(1 / CLOSER, QPointF(self.at(point)))
        await jobs.sleep(30)

    def click_px(self, where: QPoint) -> None:
        QTest.mouseMove(self.canvas, where)
        QTest.mouseClick(self.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


async def draw_living_room(robot: Robot, points: PlanPoints, title: str) -> None:
    """Underlay, scale, room, type, product, array up to the standard's target."""
    await robot.see("design.canvas")
    await robot.until(
        lambda: robot.page.draft is not None and getattr(robot.page, "document", None) is not None, "design page"
    )
    if not robot.page.draft.value.title:
        await robot.type("design.title", title)
    sheet = Sheet(robot, points)
    sheet.canvas.setFocus()
    # The survey's rooms came along as boxes; on a plan they are drawn where they are.
    robot.key("Ctrl+A", sheet.canvas)
    robot.key("Del", sheet.canvas)
    robot.page.files.import_paths([str(points.file)])
    await robot.until(lambda: sheet.page.document.underlays() and sheet.canvas.plans, "underlay")
    await robot.quiet()
    await robot.shot("06-underlay")
    await _calibrate(robot, sheet)
    await _draw(robot, sheet)
    await _light(robot, sheet)


async def _calibrate(robot: Robot, sheet: Sheet) -> None:
    robot.key("K", sheet.canvas)
    first, second, length_m = sheet.points.known
    await sheet.click(first)
    await sheet.click(second)
    await robot.type("design.typed", f"{length_m:.4f}", enter=True)
    await robot.until(lambda: sheet.page.document.underlays()[0].metres_per_unit is not None, "scale")
    await robot.quiet()


async def _draw(robot: Robot, sheet: Sheet) -> None:
    robot.key("R", sheet.canvas)
    low, high = sheet.points.room
    await sheet.click(low)
    await sheet.click(high)
    await robot.until(lambda: sheet.page.document.rooms(), "room")
    room = sheet.page.document.rooms()[0]
    sheet.page.document.select([room.id])
    await robot.type("design.room.name", "起居室", enter=True)
    types = await robot.see("design.room.room_type")
    index = types.findData("living")
    types.setCurrentIndex(index)
    types.activated.emit(index)
    await robot.type("design.room.height_m", "2.8", enter=True)
    await robot.quiet()


async def _light(robot: Robot, sheet: Sheet) -> None:
    await robot.type("design.palette.search", PRODUCT)
    entries = await robot.see("design.palette.list", QListView)

    def first() -> Any:
        return entries.model().index(0, 0).data(ROLE_FIXTURE)

    await robot.quiet()
    await robot.until(lambda: first() is not None and PRODUCT in first().facts.name, "the first find")
    where = entries.visualRect(entries.model().index(0, 0)).center()
    QTest.mouseClick(entries.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    await robot.until(lambda: sheet.canvas.variant_id == first().facts.variant_id, "the find in the hand")
    room = sheet.page.document.rooms()[0]
    sheet.page.document.select([room.id])
    await robot.click("design.suggest")
    await robot.quiet()
    robot.key("Return", sheet.canvas)
    await robot.until(lambda: sheet.page.document.luminaires(), "fixtures")
    sheet.page.document.select([room.id])
    await lit(robot)


async def lit(robot: Robot) -> None:
    """Wait until the light of everything that hangs is shown."""
    light: Any = robot.page.light
    await jobs.sleep(30)
    await robot.until(lambda: not light.busy, "light")
    await robot.quiet()


def target_lux(room_type: str) -> float:
    """The standard's average for a room type."""
    row = standards.find(room_type)
    return float(row.lux) if row is not None else 0.0


async def drag_and_undo(robot: Robot) -> None:
    """One fixture in the hand: the light follows; undone afterwards."""
    page: Any = robot.page
    canvas: Any = page.canvas
    fixture = page.document.luminaires()[0]
    page.document.select([fixture.id])
    x, y = canvas.camera.to_screen((fixture.x_m, fixture.y_m))
    start = QPoint(round(x), round(y))
    QTest.mouseMove(canvas, start)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for step in range(1, 9):
        QTest.mouseMove(canvas, start + QPoint(step * 6, -step * 4))
        await jobs.sleep(15)
    await lit(robot)
    await robot.shot("07-design-drag")
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + QPoint(48, -32))
    await jobs.sleep(50)
    robot.key("Ctrl+Z", canvas)
    await lit(robot)
