"""Every text a person reads exists in both languages, with the same placeholders; every error code has a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from presales_desktop.texts.core import english
from presales_desktop.texts.lookup import errors

ROOT = Path(__file__).resolve().parent.parent.parent / "presales_desktop"
CJK = re.compile(r"[\u3400-\u9fff]")
# Everything written here is shown to people; below (services, models) only what goes through tr().
SHOWN = ("views", "reports", "cli", "texts")
# A help text that shows what a file looks like: nothing is filled in there.
SHOWN_BRACES = {"列对应：{字段: 列标题}"}
ERROR_MAKERS = {
    "PresalesError", "UserError", "PermissionDenied", "InvalidTransition", "ConflictError", "NotFound", "InputError",
    "EnvironmentProblem", "Problem", "LightingError",
}  # fmt: skip


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every file and its tree, parsed once."""
    return tuple((path, ast.parse(path.read_text("utf-8"))) for path in sorted(ROOT.rglob("*.py")))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def docstrings(tree: ast.Module) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
        # A string as a statement below an attribute documents it.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
    return found


def is_tr(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in ("tr", "tr_in")


def shown_texts() -> Iterator[tuple[str, str]]:
    """(place, Chinese text) of all constants that people read."""
    for path, tree in modules():
        relative = path.relative_to(ROOT)
        skipped = docstrings(tree)
        translated = {
            id(arg) for node in ast.walk(tree) if isinstance(node, ast.Call) and is_tr(node) for arg in node.args
        }
        everything = relative.parts[0] in SHOWN or relative.name in ("app.py", "tour.py")
        inside_f = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped | inside_f:
                continue
            if CJK.search(node.value) and (everything or id(node) in translated):
                yield f"{relative}:{node.lineno}", node.value


def test_every_shown_text_has_an_english_one() -> None:
    known = english()
    missing = [f"{place} {text!r}" for place, text in shown_texts() if text not in known]
    assert missing == [], f"{len(missing)} texts without English:\n" + "\n".join(missing[:60])


def test_placeholders_are_the_same_in_both_languages() -> None:
    different = [
        f"{zh!r} → {en!r}"
        for zh, en in english().items()
        if "{" in zh + en and placeholders(zh) != placeholders(en) and zh not in SHOWN_BRACES
    ]
    assert different == []


def test_english_texts_are_english() -> None:
    # A name or a sample may keep its characters; a text that is mostly Chinese was forgotten.
    wrong = [en for en in english().values() if len(CJK.findall(en)) > max(2, len(en) // 3)]
    assert wrong == []


def test_no_text_is_built_before_translation() -> None:
    wrong = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_tr(node) and node.args:
                position = 1 if isinstance(node.func, ast.Name) and node.func.id == "tr_in" else 0
                if len(node.args) > position and isinstance(node.args[position], (ast.JoinedStr, ast.BinOp)):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_no_chinese_hides_in_an_f_string_of_what_people_read() -> None:
    wrong = []
    for path, tree in modules():
        if path.relative_to(ROOT).parts[0] not in SHOWN:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                for part in node.values:
                    # Single marks such as ，or 、 join parts in both languages.
                    # A backslash marks a pattern that reads what people type.
                    if isinstance(part, ast.Constant) and CJK.search(str(part.value)) and "\\" not in str(part.value):
                        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {part.value!r}")
    assert wrong == []


def raised_codes() -> Iterator[tuple[str, str]]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in ERROR_MAKERS and node.args and isinstance(node.args[0], ast.Constant):
                value = node.args[0].value
                if isinstance(value, str) and re.fullmatch(r"[a-z_]+\.[a-z0-9_.]+", value):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", value


def test_every_error_code_has_a_sentence() -> None:
    known = errors()
    missing = [f"{place} {code}" for place, code in raised_codes() if code not in known]
    assert missing == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_never_show_a_raw_placeholder(lang: str) -> None:
    from presales_desktop.texts import set_language
    from presales_desktop.texts.lookup import sentence

    set_language("en" if lang == "en" else "zh")
    for code in errors():
        assert not re.search(r"\{\w+\}", sentence(code, {})), code
