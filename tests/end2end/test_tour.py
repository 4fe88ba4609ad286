"""The whole chain through the real window, from the first customer to the reviewed contract: what `make run` shows without a display."""

from __future__ import annotations

import datetime as dt
import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from presales_desktop import tour
from presales_desktop.reports import printer
from presales_desktop.services.demo.fill import fill
from presales_desktop.store import workspace as store
from presales_desktop.tour.chain import STOPS, Journey, walk
from presales_desktop.tour.plan import PlanPoints
from presales_desktop.tour.robot import Robot


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The people, the catalogue and nothing else: the walk makes the rest."""
    printer.install()
    folder = tmp_path_factory.mktemp("tour") / "workspace"
    with store.create(folder, demo=True) as made:
        fill(made.engine, areas=("catalogue",), today=dt.date(2026, 11, 23))
    return folder


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.fixture(autouse=True)
def _collector_on_again() -> Iterator[None]:
    """A window that closed leaves Python's collector off (kit/garbage.py)."""
    yield
    gc.collect()
    gc.enable()


def drive(profile: Path, folder: Path, script: Any) -> None:
    """Run SCRIPT in the program's window; meanwhile no other thread may collect cycles: widgets could hang in them."""
    collecting: set[threading.Thread] = set()

    def watch(phase: str, _info: object) -> None:
        collecting.add(threading.current_thread())

    gc.callbacks.append(watch)
    try:
        failure = tour.show(profile, folder, script, "zh")
    finally:
        gc.callbacks.remove(watch)
    if failure is not None:
        raise failure
    assert collecting == {threading.main_thread()}


def test_from_customer_to_reviewed_contract(qapp: Any, demo: Path, tmp_path: Path) -> None:
    seen: list[Journey] = []

    async def script(robot: Robot) -> None:
        seen.append(await walk(robot))

    drive(demo, tmp_path / "tour", script)

    assert set(seen[0].ids) == {"customer", "case", "survey", "design", "quote", "credit", "contract"}
    pictures = sorted(p.name for p in (tmp_path / "tour").glob("*.png"))
    assert len(pictures) >= len(STOPS) + 4
    assert "未审核" in text_of(tmp_path / "tour" / "quote-未审核.pdf")
    assert "未审核" not in text_of(tmp_path / "tour" / "quote.pdf")
    for kind in ("survey", "design", "contract"):
        assert len(text_of(tmp_path / "tour" / f"{kind}.pdf")) > 200


# The house of ../shared/data/plans: its header says millimetres, its coordinates are inches. The great room is 17' x 17'8".
HOUSE = PlanPoints(
    Path(),
    "xref-Bishop-Overland-08$0$A-WALL",
    (0.0, 0.0),
    ((-322.8, 129.4), (-118.8, 129.4), 17 * 12 * 0.0254),
    ((-322.8, 129.4), (-118.8, 341.4)),
)


def corner_of(file: Path, layer: str) -> tuple[float, float]:
    """The lower left corner of a layer in the file's own coordinates."""
    import ezdxf
    from ezdxf import bbox

    document = ezdxf.readfile(file)
    box = bbox.extents(document.modelspace().query(f'*[layer=="{layer}"]'))
    return box.extmin.x, box.extmin.y


@pytest.mark.shared
def test_living_room_on_a_real_house(qapp: Any, demo: Path, tmp_path: Path, shared_data: Path) -> None:
    from dataclasses import replace

    file = shared_data / "plans" / "house.dxf"
    points = replace(HOUSE, file=file, layer_corner=corner_of(file, HOUSE.layer))
    found: dict[str, float] = {}

    async def script(robot: Robot) -> None:
        await walk(robot, 5, points)
        room = robot.page.document.rooms()[0]
        xs = [x for x, _ in room.polygon]
        ys = [y for _, y in room.polygon]
        found["width_m"], found["depth_m"] = max(xs) - min(xs), max(ys) - min(ys)
        found["lux"] = robot.page.light.lights[room.id].lux.average_lux

    drive(demo, tmp_path / "tour", script)

    assert found["width_m"] == pytest.approx(17 * 12 * 0.0254, abs=0.03)
    assert found["depth_m"] == pytest.approx(212 * 0.0254, abs=0.03)
    assert found["lux"] >= 100
