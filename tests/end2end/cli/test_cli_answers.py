"""How the command line answers: shapes, exit codes, places of errors, both languages, and what a seller never gets to see."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.cli.arguments import build
from presales_desktop.services import registry
from tests.end2end.cli.program import Presales

MONEY = {"fen", "currency"}


def walk_json(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its dotted place."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk_json(item, f"{path}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from walk_json(item, f"{path}.{i}")


def check_shapes(result: Any) -> None:
    """Money, moments and ids as interfaces.md promises."""
    for path, value in walk_json(result):
        name = path.rsplit(".", 1)[-1]
        assert not name.endswith("_fen"), path
        if isinstance(value, dict) and "fen" in value:
            assert set(value) == MONEY, path
            assert type(value["fen"]) is int, path
            assert value["currency"] == "CNY", path
        if (name.endswith("_at") or name == "at") and isinstance(value, str) and value:
            assert dt.datetime.fromisoformat(value).tzinfo is not None, path
        if (name == "id" or name.endswith("_id")) and value is not None:
            UUID(value)


@pytest.mark.parametrize("kind", registry.names())
def test_describe_list_and_show_say_the_same_of_a_kind(still: Presales, kind: str) -> None:
    described = still("describe", kind)
    names = {f["name"] for f in described["fields"]}
    for field in described["fields"]:
        assert {"name", "title", "type", "unit", "required", "choices"} <= set(field)
        assert field["title"] != field["name"], field
    for action in described["actions"]:
        assert action["roles"], action
        assert action["title"] != action["action"], action
    listed = still("list", kind, "--limit", 3)
    check_shapes(listed)
    for row in listed["rows"]:
        whole = still("show", kind, row["id"])
        check_shapes(whole)
        parts = set(described["parts"])
        missing = {
            n for n in names - parts if n not in whole and f"{n}_id" not in whole and n.removesuffix("_id") not in whole
        }
        assert missing <= {"phase", "credit_grade", "outcome_reason"}, missing
        for field in described["fields"]:
            value = whole.get(field["name"])
            if value is not None and field["type"] in ("decimal", "percent"):
                assert isinstance(value, str), field
                Decimal(value)
            if value is not None and field["type"] == "money":
                assert set(value) == MONEY, field


def test_rows_go_on_after_the_last_one_and_sort_both_ways(still: Presales) -> None:
    first = still("list", "product", "--sort", "model_no", "--limit", 40)
    second = still("list", "product", "--sort", "model_no", "--limit", 40, "--after", first["rows"][-1]["model_no"])
    models = [r["model_no"] for r in first["rows"] + second["rows"]]
    assert models == sorted(models)
    assert len(set(models)) == 80
    assert first["total"] == 300
    down = still("list", "product", "--sort", "-model_no", "--limit", 1)["rows"][0]["model_no"]
    assert down > models[-1]
    some = still("list", "product", "--where", "category=downlight", "--search", "防眩", "--limit", 5)
    assert some["total"] > 0
    assert all(r["category"] == "downlight" for r in some["rows"])


USAGE = (
    (("frobnicate",), 2, "usage.wrong"),
    (("list",), 2, "usage.wrong"),
    (("list", "quotes"), 2, "usage.wrong"),
    (("list", "customer", "--limit", "0"), 2, "usage.wrong"),
    (("list", "customer", "--limit", "many"), 2, "usage.wrong"),
    (("list", "customer", "--sort"), 2, "usage.wrong"),
    (("list", "customer", "--colour", "red"), 2, "usage.wrong"),
    (("list", "customer", "--where", "state"), 2, "usage.bad_pair"),
    (("list", "customer", "--where", "state=asleep"), 1, "field.choice"),
    (("list", "customer", "--where", "shoe_size=44"), 2, "list.unknown_field"),
    (("list", "customer", "--sort", "shoe_size"), 2, "list.unknown_field"),
    (("list", "customer", "--after", "KH0"), 1, "record.not_found"),
    (("show", "customer", "KH0"), 1, "record.not_found"),
    (("show", "quote", "00000000-0000-7000-8000-000000000000"), 1, "record.not_found"),
    (("new", "customer"), 1, "field.required"),
    (("new", "customer", "name"), 2, "usage.bad_pair"),
    (("new", "customer", "name=甲", "shoe_size=44"), 1, "field.unknown"),
    (("new", "customer", "name=甲", "number=KH1"), 1, "field.read_only"),
    (("new", "case", "title=乙", "customer=不存在的公司"), 1, "record.not_found"),
    (("new", "case", "title=乙", "expected_amount=很多"), 1, "field.type"),
    (("new", "product", "name=丙"), 1, "permission.role"),
    (("do", "customer", "KH0", "archive"), 1, "record.not_found"),
    (("new", "customer", "--from", "/nowhere/x.json"), 2, "file.missing"),
    (("new", "customer", "--from", "/"), 2, "file.unreadable"),
    (("import", "customers", "/nowhere/x.xlsx"), 2, "file.missing"),
    (("import", "photometry", "/nowhere/x.ies"), 2, "file.missing"),
    (("import", "horses", "x.xlsx"), 2, "usage.wrong"),
    (("report", "customer", "KH0", "--out", "/tmp/x.pdf"), 2, "report.unknown"),
    (("lighting", "lux", "/nowhere/x.json"), 2, "file.missing"),
    (("restore", "/nowhere/x.backup"), 2, "file.missing"),
    (("as", "nobody"), 1, "record.not_found"),
    (("search", " "), 1, "search.too_short"),
)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("words", "code", "error"), USAGE, ids=lambda v: "_".join(v) if isinstance(v, tuple) else str(v)
)
def test_a_refusal_has_its_code_its_exit_code_and_a_sentence(
    still: Presales, words: tuple[str, ...], code: int, error: str, lang: str
) -> None:
    found = still("--lang", lang, *words, code=code)
    assert found["code"] == error
    chinese = bool(re.search(r"[\u4e00-\u9fff]", re.sub(r"[“'].*?[”']|王敏|[甲乙丙]", "", found["message"])))
    assert chinese == (lang == "zh") or "shoe_size" in found["message"], found["message"]
    said = still.run("--lang", lang, *words)
    assert said.out == ""
    assert said.err.strip() == found["message"] or len(said.err.splitlines()) > 1


def test_errors_name_file_and_line(presales: Presales, tmp_path: Path) -> None:
    path = tmp_path / "customer.json"
    path.write_text('{\n "name": "甲",\n "phone": 1 2\n}', "utf-8")
    found = presales("new", "customer", "--from", path, code=2)
    assert (found["code"], found["file"], found["line"]) == ("usage.bad_json", str(path), 3)
    path.write_bytes(b'{\n "name": "' + "甲".encode("gb18030") + b'"}')
    found = presales("new", "customer", "--from", path, code=2)
    assert (found["code"], found["line"]) == ("usage.bad_json", 2)
    for text in ("[]", "null", '{"name": NaN}', "[" * 100_000, '{"a":' * 50_000, '{"n": 1' + "0" * 5000 + "}"):
        path.write_text(text, "utf-8")
        assert presales("new", "customer", "--from", path, code=2)["code"] == "usage.bad_json"
    light = tmp_path / "half.ies"
    light.write_text("IESNA:LM-63-2002\nTILT=NONE\n1 1000 1 3 x 1 2 0 0 0\n", "ascii")
    found = presales("lighting", "photometry", light, code=2)
    assert found["file"] == str(light)
    assert found["line"] == 3


def test_parts_say_which_one_is_wrong(presales: Presales, tmp_path: Path) -> None:
    path = tmp_path / "customer.json"
    path.write_text(
        json.dumps({"name": "甲", "contacts": [{"name": "乙"}, {"name": "丙", "primary": "perhaps"}]}), "utf-8"
    )
    found = presales("new", "customer", "--from", path, code=1)
    assert (found["code"], found["field"]) == ("field.type", "contacts.1.primary")
    assert "2" in found["message"]
    assert presales("list", "customer", "--search", "甲")["total"] == 0


def test_words_of_choices_are_understood_in_both_languages(presales: Presales) -> None:
    made = presales("new", "customer", "name=金沙湖酒店", "industry=酒店", "importance=Key")
    assert (made["industry"], made["importance"]) == ("hotel", "key")


def test_nothing_given_is_what_a_new_record_begins_with(presales: Presales, tmp_path: Path) -> None:
    case = presales("list", "case", "--where", "owner=wangmin", "--where", "status=open", "--limit", 1)["rows"][0][
        "number"
    ]
    line = {
        "type": "item",
        "name": "灯",
        "quantity": None,
        "unit_price": None,
        "discount_percent": "",
        "lead_days": None,
    }
    path = tmp_path / "quote.json"
    path.write_text(
        json.dumps({"case": case, "title": "空", "discount": None, "freight": "", "lines": [line]}), "utf-8"
    )
    made = presales("new", "quote", "--from", path)
    item = next(r for r in made["lines"] if r["type"] == "item")
    assert (item["unit_price"]["fen"], made["freight"]["fen"], item["lead_days"]) == (0, 0, None)
    assert Decimal(item["quantity"]) >= 0


def test_money_never_passes_through_a_float(presales: Presales) -> None:
    customer = presales("new", "customer", "name=丁")["number"]
    case = presales("new", "case", "title=大额", f"customer={customer}", "expected_amount=90071992547.93")
    assert case["expected_amount"] == {"fen": 9_007_199_254_793, "currency": "CNY"}
    assert presales.refused("set", "case", case["number"], "expected_amount=0.001") == "field.type"
    assert presales.refused("set", "case", case["number"], "expected_amount=NaN") == "field.type"
    assert presales.refused("set", "case", case["number"], "expected_amount=-1") == "field.low"
    assert "¥90,071,992,547.93" in presales.text("show", "case", case["number"])


def commands() -> list[str]:
    found = next(a for a in build()._actions if a.dest == "command")
    assert isinstance(found.choices, dict)
    return list(found.choices)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_has_help_with_an_example(
    presales: Presales, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in [[], *([c] for c in commands())]:
        with pytest.raises(SystemExit) as left:
            presales.run("--lang", lang, *words, "--help")
        assert left.value.code == 0
    from presales_desktop.texts import set_language

    set_language("en" if lang == "en" else "zh")
    parser = build()
    subs = next(a for a in parser._actions if a.dest == "command").choices
    for text in [parser.format_help(), *(p.format_help() for p in subs.values())]:
        assert ("示例: presales " if lang == "zh" else "Example: presales ") in text
        assert ("用法: " if lang == "zh" else "Usage: ") in text
        if lang == "en":
            assert not re.search(r"[\u4e00-\u9fff]", text), text
        else:
            assert "show this help" not in text


def test_a_seller_never_reads_a_cost(presales: Presales, tmp_path: Path) -> None:
    presales("as", "zhoufang")
    products = presales("list", "product", "--limit", 300)["rows"]
    costs: set[str] = set()
    for row in products[:25]:
        whole = presales("show", "product", row["model_no"])
        for path, value in walk_json(whole):
            if "cost" in path and isinstance(value, dict) and value.get("fen"):
                costs.add(str(value["fen"]))
    # Five digits and more: shorter ones may stand anywhere by chance.
    telling = {c for c in costs if len(c) >= 4}
    assert len(telling) > 10
    presales("as", "wangmin")
    heard = [presales.run("--json", "show", "product", r["model_no"]).everything for r in products[:25]]
    heard += [presales.text("show", "product", r["model_no"]) for r in products[:25]]
    heard.append(presales.run("--json", "list", "product", "--limit", 300).everything)
    heard.append(presales.run("--json", "search", "筒灯", "--limit", 100).everything)
    heard.append(presales.run("--json", "describe", "product").everything)
    for c in telling:
        heard.append(presales.run("--json", "search", c).everything)
    text = "\n".join(heard)
    assert '"cost' not in text
    amounts = set(re.findall(r'"fen": (\d+)', text))
    prices = {
        str(v["fen"]) for r in products[:25] for p, v in walk_json(presales("show", "product", r["model_no"]))
        if isinstance(v, dict) and "fen" in v
    }  # fmt: skip
    assert not (telling - prices) & amounts


def test_as_an_own_process_it_keeps_streams_and_codes_apart(presales: Presales) -> None:
    done = presales.spawn("--json", "list", "customer", "--limit", "2")
    assert done.code == 0
    assert len(json.loads(done.out)["result"]["rows"]) == 2
    assert done.err == ""
    done = presales.spawn("show", "customer", "KH0")
    assert (done.code, done.out) == (1, "")
    assert "KH0" in done.err
    assert presales.spawn("--version").out.strip()
    elsewhere = Presales(presales.profile.parent / "none")
    done = elsewhere.spawn("--json", "list", "customer")
    assert (done.code, json.loads(done.out)["error"]["code"]) == (2, "store.missing")


def test_a_workspace_of_ones_own_opens_with_its_passphrase_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Presales(tmp_path / "own")
    assert own.refused("init", "--user", "王敏", code=3) == "store.no_keyring"
    found = own(
        "--passphrase-stdin", "init", "--user", "王敏", "--role", "sales", "--company", "灯港", code=2, stdin="short\n"
    )
    assert found["code"] == "store.passphrase_short"
    assert not (tmp_path / "own" / "workspace.db").exists()
    own("--passphrase-stdin", "init", "--user", "王敏", "--role", "sales", "--company", "灯港", stdin="correct horse\n")
    assert own.refused("--passphrase-stdin", "init", "--user", "王敏", code=2) == "store.exists"
    assert own.refused("list", "customer", code=3) == "store.passphrase_needed"
    assert own("--passphrase-stdin", "list", "customer", stdin="correct horse\n")["total"] == 0
    assert (
        own("--passphrase-stdin", "list", "customer", stdin="wrong horse\n", code=3)["code"] == "store.passphrase_wrong"
    )
    monkeypatch.setenv("PRESALES_PASSPHRASE", "correct horse")
    assert own("list", "user")["rows"][0]["name"] == "王敏"
    assert own.refused("as", "wangmin") == "store.not_demo"
    assert own.refused("new", "product", "model_no=A", "name=B", "category=downlight") == "permission.role"


def test_doctor_says_what_is_wrong_and_a_backup_brings_it_back(presales: Presales, tmp_path: Path) -> None:
    saved = tmp_path / "saved.backup"
    presales("backup", saved)
    database = presales.profile / "workspace.db"
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2])
    answer = presales.run("--json", "doctor")
    assert answer.code == 3
    assert json.loads(answer.out)["ok"] is False
    presales("restore", saved)
    assert presales("doctor")["sound"] is True
    assert presales("list", "product")["total"] == 300
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(saved.read_bytes()[:-500])
    assert presales("restore", damaged, code=2)["code"] == "store.backup_unreadable"
    assert presales("list", "product")["total"] == 300
