"""Whatever is typed and whatever lies in a file: an answer, never a trace, never half a record."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presales_desktop.services import registry
from tests.end2end.cli.program import Presales

KINDS = [k for k in registry.names() if registry.kind(k).new_draft is not None]
# `make soak` asks for more.
EXAMPLES = int(os.environ.get("SOAK_STEPS", "12"))
HARD = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

odd_text = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", " ", "NaN", "inf", "-1", "1e400", "0x10", "９９", "2026-13-40", "今天", "null", "[]", "{}", "a" * 5000,
                     "\u202e倒", "'; DROP TABLE quote;--", "00000000-0000-0000-0000-000000000000", "\x00", "１２３．４５", "١٢",
                     "9" * 400, "1" + "0" * 30, "2026-11-23T10:00:00", "9999-12-31", "0001-01-01"]),
)  # fmt: skip
odd_json: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**25), 10**25), st.floats(allow_nan=False, allow_infinity=False), odd_text,
        st.sampled_from([1e308, -0.0, 10**4000]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["fen", "currency", "id", "x", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


def names_of(kind: str) -> list[str]:
    found = registry.kind(kind)
    return sorted({*(f.name for f in found.fields), *(f.name.removesuffix("_fen") for f in found.fields), *found.parts})


def part_json(kind: str) -> st.SearchStrategy[Any]:
    """Parts in nearly the right shape."""
    fields = sorted({f.name for part in registry.kind(kind).parts.values() for f in part})
    one = st.dictionaries(st.sampled_from([*fields, "id", "nonsense"]), odd_json, max_size=5)
    return st.one_of(odd_json, st.lists(st.one_of(one, odd_json), max_size=3))


@st.composite
def drafts(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind and something like a record of it."""
    kind = draw(st.sampled_from(KINDS))
    parts = registry.kind(kind).parts
    values: dict[str, Any] = {}
    for name in draw(
        st.lists(st.sampled_from([*names_of(kind), "nonsense", "", "id", "version"]), max_size=6, unique=True)
    ):
        values[name] = draw(part_json(kind) if name in parts else odd_json)
    return kind, values


@HARD
@given(made=drafts())
def test_any_json_is_taken_or_refused(still: Presales, made: tuple[str, dict[str, Any]]) -> None:
    kind, values = made
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.json"
        path.write_text(json.dumps(values), "utf-8", errors="surrogatepass")
        still.run("--json", "new", kind, "--from", path)
        rows = still("list", kind, "--limit", 1)["rows"]
        if rows and kind != "user":
            still.run("--json", "set", kind, rows[0]["id"], "--from", path)


def good(still: Presales) -> dict[str, dict[str, Any]]:
    """A record of each kind that is accepted as it stands."""
    case = still("list", "case", "--where", "owner=wangmin", "--where", "status=open", "--limit", 1)["rows"][0][
        "number"
    ]
    variant = still("show", "product", still("list", "product", "--limit", 1)["rows"][0]["id"])["variants"][0]["sku"]
    return {
        "customer": {"name": "模糊测试公司", "contacts": [{"name": "甲", "phone": "13800000000"}],
                     "sites": [{"kind": "office", "address": "乙"}]},
        "case": {"title": "模糊", "customer": still("show", "case", case)["customer_id"]},
        "survey": {"case": case, "reason": "important", "method": "interview", "spaces": [{"name": "厅"}],
                   "needs": [{"text": "亮", "dimension": "functions", "weight": 3}]},
        "design": {"case": case, "title": "布灯", "rooms": [{"name": "厅", "polygon": [[0, 0], [3, 0], [3, 3], [0, 3]]}],
                   "luminaires": [{"variant": variant, "x_m": 1, "y_m": 1, "z_m": 2.5}]},
        "quote": {"case": case, "title": "报价", "lines": [{"type": "item", "variant": variant, "quantity": 2}]},
    }  # fmt: skip


def offered(still: Presales, kind: str, content: dict[str, Any]) -> Any:
    """`new KIND --from` a file with CONTENT."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.json"
        path.write_text(json.dumps(content), "utf-8", errors="surrogatepass")
        return still.run("--json", "new", kind, "--from", path)


def test_the_records_that_are_spoilt_below_are_good(still: Presales) -> None:
    for kind, content in good(still).items():
        answer = offered(still, kind, content)
        assert answer.code == 0, (kind, answer.out)


@settings(parent=HARD, max_examples=2 * EXAMPLES)
@given(data=st.data())
def test_nearly_right_records_are_taken_or_refused(still: Presales, data: st.DataObject) -> None:
    """One odd value in a record that would be accepted otherwise gets deeper than garbage does."""
    known = good(still)
    kind = data.draw(st.sampled_from(sorted(known)))
    content = known[kind]
    parts = [name for name, value in content.items() if isinstance(value, list)]
    fields = registry.kind(kind).parts
    if parts and data.draw(st.booleans()):
        part = data.draw(st.sampled_from(parts))
        name = data.draw(st.sampled_from([f.name for f in fields[part]]))
        content[part][0][name] = data.draw(odd_json)
    else:
        content[data.draw(st.sampled_from(names_of(kind)))] = data.draw(odd_json)
    answer = offered(still, kind, content)
    if answer.code == 0:
        made = json.loads(answer.out)["result"]
        assert still("show", kind, made["id"])["id"] == made["id"]
        still.run("show", kind, made["id"])
        still.run("--lang", "en", "list", kind, "--limit", 3)
        if kind == "design":
            still.run("do", kind, made["id"], "calculate")
        if kind in ("quote", "design"):
            still.run("do", kind, made["id"], "submit")


words = st.lists(
    st.one_of(
        odd_text,
        st.sampled_from(["list", "show", "new", "set", "do", "search", "describe", "report", "import", "--json", "--where", "--limit",
                         "--sort", "--after", "--from", "--out", "quote", "customer", "case", "product", "--", "-", "--dry-run",
                         "state=draft", "name=x", "approve", "submit", "-x", "@file", "--search", "-5", "--map", "--partial"]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(parent=HARD, max_examples=4 * EXAMPLES)
@given(line=words)
def test_any_command_line_gets_an_answer(still: Presales, line: list[str]) -> None:
    if {"-h", "--help", "init", "restore"} & set(line) or any(w.startswith("--h") for w in line):
        return
    try:
        still.run(*line)
    except SystemExit as left:
        pytest.fail(f"left with {left.code}")


@HARD
@given(kind=st.sampled_from(registry.names()), data=st.data())
def test_any_step_with_any_parameters_gets_an_answer(still: Presales, kind: str, data: st.DataObject) -> None:
    found = registry.kind(kind)
    rows = still("list", kind, "--limit", 5)["rows"]
    record = data.draw(st.sampled_from([r["id"] for r in rows] + ["x"])) if rows else "x"
    action = data.draw(st.sampled_from([t.action for t in found.transitions] + ["nonsense"]))
    names = sorted({p.removesuffix("!") for t in found.transitions for p in t.parameters} | {"nonsense"})
    given_values = data.draw(
        st.dictionaries(st.sampled_from(names), odd_text.filter(lambda t: "\x00" not in t), max_size=4)
    )
    still("as", data.draw(st.sampled_from(["wangmin", "zhoufang", "zhaolei", "zhengkai", "hemei"])))
    still.run("--json", "do", kind, record, action, *(f"{k}={v}" for k, v in given_values.items()))
    still("as", "wangmin")


@HARD
@given(content=st.one_of(st.binary(max_size=400), odd_text.map(lambda t: t.encode("utf-8", "surrogatepass"))),
       ending=st.sampled_from(["xlsx", "xls", "csv", "txt", "json", "ies", "ldt", "backup", ""]))  # fmt: skip
def test_any_file_is_read_or_refused(still: Presales, content: bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (f"file.{ending}" if ending else "file")
        path.write_bytes(content)
        for command in (("import", "customers"), ("import", "products"), ("import", "photometry"), ("lighting", "photometry"),
                        ("lighting", "lux"), ("lighting", "ugr"), ("lighting", "arrange"), ("new", "customer", "--from")):  # fmt: skip
            answer = still.run("--json", *command, path, *(["--dry-run"] if command[0] == "import" else []))
            if answer.code:
                assert json.loads(answer.out)["ok"] is False


@HARD
@given(
    content=odd_json,
    where=st.sampled_from(["rooms", "luminaires", "points", "grid", "maintenance_factor", "polygon_m", "reflectance"]),
)
def test_any_scene_is_calculated_or_refused(still: Presales, content: Any, where: str) -> None:
    scene: dict[str, Any] = {
        "rooms": [{"name": "厅", "polygon_m": [[0, 0], [3, 0], [3, 3], [0, 3]], "height_m": 2.8,
                   "reflectance": {"ceiling": 0.7, "walls": 0.5, "floor": 0.2}}],
        "luminaires": [], "maintenance_factor": 0.8, "grid": {"height_m": 0.75, "spacing_m": 0.5, "margin_m": 0.5},
    }  # fmt: skip
    if where in scene or where == "points":
        scene[where] = content
    else:
        scene["rooms"][0][where] = content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.json"
        path.write_text(json.dumps(scene), "utf-8", errors="surrogatepass")
        still.run("--json", "lighting", "lux", path)
