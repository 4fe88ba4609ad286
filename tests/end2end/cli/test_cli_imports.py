"""Lists and light files as companies keep them, imported by command: preview, rejects, all or nothing, or the good rows only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from presales_desktop.lighting.write import write_ies, write_ldt
from tests.end2end.cli.program import Presales
from tests.helpers.sheets import text, workbook
from tests.lighting.samples import lambertian

HEADERS = ["序号", "客户名称", "统一社会信用代码", "联系人", "手机", "电话", "地区", "客户等级", "备注"]
GOOD = [
    [1, "绍兴镜湖湾酒店有限公司", "", "沈佳", "13905750001", "0575-88880001", "浙江绍兴", "重点", "老客户介绍"],
    [2, "宁波三江口置业有限公司", "", "周航", "13905740002", "0574-88880002", "浙江宁波", "一般", ""],
    [3, "湖州南太湖会展中心有限公司", "", "钱程", "13905720003", "0572-88880003", "浙江湖州", "一般", ""],
]
# the check digit of the code is wrong; the grade is no grade
BAD = [
    [4, "金华双溪商业管理有限公司", "91330700MA28XXXX12", "何宁", "13905790004", "", "浙江金华", "一般", ""],
    [5, "衢州江郎文旅有限公司", "", "徐来", "13905700005", "", "浙江衢州", "无所谓", ""],
]


@pytest.fixture
def total(presales: Presales) -> Any:
    """How many customers there are now."""
    return lambda: presales("list", "customer", "--limit", 1)["total"]


def xlsx(folder: Path, rows: list[list[Any]], name: str = "客户名单.xlsx") -> Path:
    path = folder / name
    path.write_bytes(
        workbook(
            ("客户", [HEADERS, *rows, ["合计", "", "", "", "", "", "", "", ""]]), title="2026 年客户名单（浙江区）"
        )
    )
    return path


def test_a_customer_list_under_a_merged_title(presales: Presales, tmp_path: Path, total: Any) -> None:
    before, path = total(), xlsx(tmp_path, GOOD)
    seen = presales("import", "customers", path, "--dry-run")
    assert (seen["new"], seen["changed"], seen["rejected"], seen["written"]) == (3, 0, [], False)
    assert seen["mapping"]["name"] == "客户名称"
    assert total() == before
    assert "预览" in presales.text("import", "customers", path, "--dry-run")
    assert presales("import", "customers", path)["written"] is True
    assert total() == before + 3
    again = presales("import", "customers", path)
    assert (again["new"], again["unchanged"], again["written"]) == (0, 3, False)
    found = presales("list", "customer", "--search", "镜湖湾")["rows"][0]
    whole = presales("show", "customer", found["id"])
    assert whole["contacts"][0]["phone"] == "13905750001"
    assert whole["importance"] == "key"


def test_rows_with_problems_stop_the_file_and_come_back_with_the_reason(
    presales: Presales, tmp_path: Path, total: Any
) -> None:
    before, path = total(), xlsx(tmp_path, GOOD + BAD)
    answer = presales.run("--json", "import", "customers", path)
    said = json.loads(answer.out)
    assert answer.code == 1
    assert (said["error"]["code"], said["error"]["file"], said["error"]["line"]) == ("import.rejected", str(path), 6)
    assert [r["line"] for r in said["result"]["rejected"]] == [6, 7]
    assert said["result"]["written"] is False
    assert total() == before
    rejects = Path(said["result"]["rejects_file"])
    page = openpyxl.load_workbook(rejects).active
    assert page is not None
    cells = [[str(c or "") for c in row] for row in page.iter_rows(values_only=True)]
    assert len([row for row in cells if "金华双溪商业管理有限公司" in row]) == 1
    assert not any("绍兴镜湖湾酒店有限公司" in row for row in cells)
    assert any("信用代码" in cell for row in cells for cell in row)
    said_to_people = presales.text("import", "customers", path, code=1)
    assert rejects.name in said_to_people
    done = presales("import", "customers", path, "--partial")
    assert (done["new"], len(done["rejected"]), done["written"]) == (3, 2, True)
    assert total() == before + 3


def test_a_changed_list_updates_what_it_says_and_nothing_else(presales: Presales, tmp_path: Path) -> None:
    presales("import", "customers", xlsx(tmp_path, GOOD))
    path = tmp_path / "更新.csv"
    path.write_bytes(text([["客户名称", "电话", "地区"], ["绍兴镜湖湾酒店有限公司", "0575-99990001", ""]]))
    seen = presales("import", "customers", path)
    assert (seen["changed"], seen["new"]) == (1, 0)
    assert seen["changes"][0]["fields"] == {"phone": ["0575-88880001", "0575-99990001"]}
    found = presales("list", "customer", "--search", "镜湖湾")["rows"][0]
    whole = presales("show", "customer", found["id"])
    assert (whole["phone"], whole["region"]) == ("0575-99990001", "浙江绍兴")
    assert [e for e in whole["contacts"] if e["name"] == "沈佳"]


def test_columns_may_be_named_in_a_map(presales: Presales, tmp_path: Path) -> None:
    path, mapping = tmp_path / "odd.csv", tmp_path / "map.json"
    path.write_bytes(text([["甲方", "甲方座机"], ["丽水九龙湿地文旅有限公司", "0578-2220001"]], encoding="utf-8-sig"))
    assert presales("import", "customers", path, code=1)["code"] == "import.field_unmapped"
    mapping.write_text('{"name": "甲方", "phone": "甲方座机"}', "utf-8")
    assert presales("import", "customers", path, "--map", mapping)["new"] == 1
    mapping.write_text('{"nome": "甲方"}', "utf-8")
    assert presales("import", "customers", path, "--map", mapping, code=2)["code"] == "import.field_unknown"
    mapping.write_text('{"name": "没有这列"}', "utf-8")
    presales("import", "customers", path, "--map", mapping, code=2)


def test_products_prices_and_light_by_those_whom_they_belong_to(presales: Presales, tmp_path: Path) -> None:
    products = tmp_path / "产品.xlsx"
    products.write_bytes(workbook(("产品", [
        ["型号", "订货号", "品名", "类别", "功率", "光通量", "色温", "显指", "单位"],
        ["ZZ-8001", "ZZ-8001-30", "测试射灯", "射灯", "12W", "1100lm", "3000K", "Ra90", "只"],
        ["ZZ-8002", "ZZ-8002-40", "测试面板灯", "面板灯", "36W", "3600lm", "4000K", "80", "只"],
    ]), title="新品目录"))  # fmt: skip
    assert presales("import", "products", products, code=1)["code"] == "permission.role"
    presales("as", "sunhao")
    assert presales("import", "products", products)["new"] == 2
    assert presales("show", "product", "ZZ-8002")["variants"][0]["cct_k"] == 4000
    prices = tmp_path / "价目表.csv"
    prices.write_bytes(text([["订货号", "面价"], ["ZZ-8001-30", "¥158.00"], ["ZZ-8002-40", "96"]]))
    assert presales("import", "prices", prices, code=1)["code"] == "permission.role"
    presales("as", "zhoufang")
    first = presales("import", "prices", prices)
    assert first["new"] + first["changed"] == 2
    prices.write_bytes(text([["订货号", "面价"], ["ZZ-8001-30", "168"], ["ZZ-8003-40", "96"]]))
    refused = presales.run("--json", "import", "prices", prices)
    assert refused.code == 1
    assert "ZZ-8003-40" in refused.out
    presales("as", "sunhao")
    good, other, broken = tmp_path / "ZZ-8001.ies", tmp_path / "ZZ-8002.ldt", tmp_path / "ZZ-8002.ies"
    unknown = tmp_path / "QQ-0000.ies"
    good.write_bytes(write_ies(lambertian(350)))
    other.write_bytes(write_ldt(lambertian(1146)))
    broken.write_bytes(write_ies(lambertian(1146))[:200])
    unknown.write_bytes(write_ies(lambertian(777)))
    seen = presales("import", "photometry", good, other, "--dry-run")
    assert (seen["matched"], seen["dry_run"]) == (2, True)
    assert presales("list", "product", "--where", "photometry=true", "--search", "ZZ-8001")["total"] == 0
    answer = presales.run("--json", "import", "photometry", good, other, broken, unknown)
    assert answer.code == 1
    assert '"import.files_left"' in answer.out
    assert '"matched": 2' in answer.out
    assert presales("list", "product", "--where", "photometry=true", "--search", "ZZ-8001")["total"] == 1


@pytest.mark.shared
def test_every_real_light_file_is_read_or_refused_with_its_place(presales: Presales, shared_data: Path) -> None:
    files = [p for p in sorted((shared_data / "photometry").rglob("*")) if p.suffix.lower() in (".ies", ".ldt")]
    assert len(files) > 5
    for path in files:
        answer = presales.run("--json", "lighting", "photometry", path)
        assert answer.code in (0, 2), (path, answer)
        if answer.code == 2:
            assert '"line": null' not in answer.out, (path, answer.out)
