"""What leaves a design beside its paper: DXF with blocks and layers, tables, a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import ezdxf
import openpyxl
import pytest
from PIL import Image

from presales_desktop.reports import designs as paper
from presales_desktop.reports import designs_dxf, designs_tables, registry
from presales_desktop.services import design_print, designs
from tests.helpers.design_data import World, draft_of, lamp, make_world, room

Run = Callable[..., Any]


@pytest.fixture
def document(run: Run) -> Any:
    """Two floors, one of the luminaires turned and named like a formula."""
    world: World = make_world(run)
    draft = draft_of(run, world)
    draft.rooms.append(room("主卧", floor="2F", room_type="bedroom"))
    draft.luminaires.append(lamp(world.panel, 2.0, 2.0, floor="2F", rotation_deg=30.0, label="=1+1"))
    return run("sales", design_print.document, run("design", designs.save, draft))


def test_the_drawing_has_every_luminaire_where_it_hangs_with_what_it_is(document: Any) -> None:
    drawing = ezdxf.read(io.StringIO(designs_dxf.render(document).decode("utf-8")))  # type: ignore[attr-defined]
    assert not drawing.audit().has_errors
    assert drawing.header["$INSUNITS"] == 4
    inserts = list(drawing.modelspace().query("INSERT"))
    expected = sorted((m.x_m * 1000, m.y_m * 1000, m.z_m * 1000, m.rotation_deg) for m in document.view.luminaires)
    assert sorted((*i.dxf.insert, i.dxf.rotation) for i in inserts) == [pytest.approx(e) for e in expected]
    upper = next(i for i in inserts if i.dxf.layer == "2F-LUMINAIRES")
    told = {a.dxf.tag: a.dxf.text for a in upper.attribs}
    assert (told["MODEL"], told["POWER_W"], told["LABEL"]) == ("PN-1-40", "36", "=1+1")
    assert drawing.layers.get("1F-LUMINAIRES").is_on()
    assert not drawing.layers.get("2F-LUMINAIRES").is_on()
    rooms = [e for e in drawing.modelspace().query("LWPOLYLINE") if e.dxf.layer.endswith("-ROOMS")]
    assert len(rooms) == len(document.view.rooms)
    corners = [(x / 1000, y / 1000) for x, y in rooms[0].get_points("xy")]
    assert corners == [pytest.approx(p) for p in document.view.rooms[0].polygon]
    assert any(e.dxf.layer == "1F-ISOLUX" for e in drawing.modelspace().query("LWPOLYLINE"))


@pytest.mark.parametrize("name", ["a/b", "<x>", "一层:*", "", "x" * 300])
def test_any_name_makes_a_layer(name: str) -> None:
    ezdxf.new().layers.add(designs_dxf.safe(name))  # type: ignore[attr-defined]


def test_tables_count_what_hangs(document: Any) -> None:
    data = designs_tables.csv_bytes(document)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert sum(int(row["数量"]) for row in rows) == len(document.view.luminaires)
    book = openpyxl.load_workbook(io.BytesIO(designs_tables.xlsx_bytes(document)))
    assert book.sheetnames == ["灯具表", "灯具坐标", "照度计算结果"]
    places = list(book["灯具坐标"].iter_rows(min_row=2, values_only=True))
    assert len(places) == len(document.view.luminaires)
    assert places[-1][-1] == "=1+1"
    assert book["灯具坐标"].cell(len(places) + 1, 12).data_type == "s"
    results = list(book["照度计算结果"].iter_rows(min_row=2, values_only=True))
    assert [r[1] for r in results] == [r.name for r in document.view.rooms]
    assert results[0][3] > 10
    assert openpyxl.load_workbook(io.BytesIO(designs_tables.xlsx_bytes(document, "en"))).sheetnames[0] != "灯具表"


def test_csv_keeps_formulas_asleep() -> None:
    assert designs_tables._plain("=1+1") == "'=1+1"
    assert designs_tables._plain("x") == "x"
    assert designs_tables._plain(-1) == -1


def test_the_picture_has_a_part_for_each_floor(document: Any) -> None:
    picture = Image.open(io.BytesIO(paper.render_png(document)))
    assert picture.format == "PNG"
    assert picture.height > 1.2 * picture.width
    colours = picture.resize((200, 280)).getcolors(200 * 280)
    assert colours is not None
    assert len(colours) > 50  # light


def test_every_ending_is_found_by_the_file_s_name() -> None:
    for ending in ("pdf", "png", "dxf", "csv", "xlsx"):
        assert registry.find("design", f"plan.{ending.upper()}") is paper.REPORTS["design"][ending]
