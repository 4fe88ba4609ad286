"""A small house plan of our own as DXF: walls as double lines in inches under a header that says millimetres, as found in the wild."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Point = tuple[float, float]


@dataclass(frozen=True)
class PlanPoints:
    """What the walk needs of a plan, in the file's own coordinates.

    `layer`: a layer whose lower left corner ties the file to what the editor shows; `known`: two points and the metres between
    them; `room`: two opposite corners of the living room.
    """

    file: Path
    layer: str
    layer_corner: Point
    known: tuple[Point, Point, float]
    room: tuple[Point, Point]


WALL = 4.0
# Inner corners of three rooms in inches: living room 17' x 17'8", kitchen, bedroom.
ROOMS = {
    "LIVING ROOM": ((0.0, 0.0), (204.0, 212.0)),
    "KITCHEN": ((208.0, 0.0), (340.0, 130.0)),
    "BEDROOM": ((208.0, 134.0), (340.0, 212.0)),
}


def write_plan(path: Path) -> PlanPoints:
    """Write the plan to PATH."""
    from ezdxf.filemanagement import new

    document = new("R2010", setup=True)
    document.header["$INSUNITS"] = 4
    space = document.modelspace()
    for name, colour in (("A-WALL", 7), ("A-DOOR", 3), ("A-NOTE", 2)):
        document.layers.add(name, color=colour)
    outer = [(-WALL, -WALL), (340 + WALL, -WALL), (340 + WALL, 212 + WALL), (-WALL, 212 + WALL)]
    space.add_lwpolyline(outer, close=True, dxfattribs={"layer": "A-WALL"})
    for name, ((x0, y0), (x1, y1)) in ROOMS.items():
        space.add_lwpolyline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], close=True, dxfattribs={"layer": "A-WALL"})
        space.add_text(name, height=7, dxfattribs={"layer": "A-NOTE"}).set_placement(
            ((x0 + x1) / 2 - 35, (y0 + y1) / 2)
        )
    for x, y in ((204.0, 60.0), (204.0, 170.0)):
        space.add_arc((x, y), 32, 90, 180, dxfattribs={"layer": "A-DOOR"})
        space.add_line((x, y), (x, y + 32), dxfattribs={"layer": "A-DOOR"})
    document.saveas(path)
    room = ROOMS["LIVING ROOM"]
    known = (room[0], (room[1][0], room[0][1]), 204 * 0.0254)
    return PlanPoints(path, "A-WALL", (-WALL, -WALL), known, room)
